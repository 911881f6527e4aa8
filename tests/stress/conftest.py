"""Fixtures that the tests of this folder share with others."""

from tests.stress.archives import large_archive

__all__ = ["large_archive"]
