"""The codec, and a segment of a commit as Whoosh's table of contents names it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NoReturn

from whoosh.codec import base
from whoosh.filedb.filestore import FileStorage

from searchapp.engine.storage.commits import INDEX_NAME, SegmentEntry, read_deletes
from searchapp.engine.storage.segment import SUFFIX, LiveSegment, Segment
from searchapp.engine.whoosh_codec.documents import SegmentDocumentReader
from searchapp.engine.whoosh_codec.schema import refuse_writing
from searchapp.engine.whoosh_codec.terms_reader import SegmentTermsReader
from searchapp.errors import IndexBroken


class CommittedSegment(base.Segment):  # type: ignore[misc]
    """Names a segment's files; written into the table of contents. Which documents are deleted, the reader says."""

    def __init__(self, entry: SegmentEntry) -> None:
        super().__init__(INDEX_NAME)
        self.segid = entry.name
        self.entry = entry
        self._opened: LiveSegment | None = None

    def __getstate__(self) -> dict[str, Any]:
        """What goes into the table of contents: names and counts, no open files."""
        return self.__dict__ | {"_opened": None}

    def open(self, storage: FileStorage) -> LiveSegment:
        """The open segment, one for all readers of this object.

        Raises:
            FileNotFoundError: it was removed after a newer commit; Whoosh then reads the table of contents again.
            IndexBroken: it does not fit its checksums.
        """
        if self._opened is None:
            directory = Path(storage.folder)
            try:
                segment = Segment(directory / f"{self.entry.name}{SUFFIX}")
                self._opened = LiveSegment(segment, read_deletes(directory, self.entry))
            except IndexBroken as error:
                if isinstance(error.__cause__, FileNotFoundError):
                    raise error.__cause__ from error
                raise
        return self._opened

    def codec(self) -> SegmentCodec:
        """What reads the segment."""
        return SegmentCodec()

    def doc_count_all(self) -> int:
        """Documents, deleted ones included."""
        return self.entry.documents

    def deleted_count(self) -> int:
        """Deleted documents."""
        return self.entry.deleted

    def delete_document(self, docnum: int, delete: bool = True) -> NoReturn:
        """Refuse: see `schema.refuse_writing`."""
        refuse_writing()

    def set_doc_count(self, doccount: int) -> NoReturn:
        """Refuse: see `schema.refuse_writing`."""
        refuse_writing()

    def should_assemble(self) -> bool:
        """A segment is one file already."""
        return False


class SegmentCodec(base.Codec):  # type: ignore[misc]
    """Reads segments of `engine.storage`; it has no writers."""

    def terms_reader(self, storage: FileStorage, segment: CommittedSegment) -> SegmentTermsReader:
        """Terms and postings."""
        return SegmentTermsReader(segment.open(storage))

    def per_document_reader(self, storage: FileStorage, segment: CommittedSegment) -> SegmentDocumentReader:
        """Everything else."""
        return SegmentDocumentReader(segment.open(storage))

    def per_document_writer(self, storage: FileStorage, segment: Any) -> NoReturn:
        """Refuse: see `schema.refuse_writing`."""
        refuse_writing()

    def field_writer(self, storage: FileStorage, segment: Any) -> NoReturn:
        """Refuse: see `schema.refuse_writing`."""
        refuse_writing()

    def new_segment(self, storage: FileStorage, indexname: str) -> NoReturn:
        """Refuse: see `schema.refuse_writing`."""
        refuse_writing()
