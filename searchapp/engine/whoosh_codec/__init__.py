"""The segmented index as an index of Whoosh: `whoosh.index.open_dir` opens it, and any Whoosh query runs on it.

Everything goes through Whoosh's extension points: a codec that reads our segments, named by the segments in Whoosh's
own table of contents. It reads only; an index is written through `engine.storage`.

Whoosh keeps its table of contents as a pickle, and to read a pickle can run code: `whoosh.index.open_dir` is for
directories that one trusts. Our own opener never reads that file.
"""
