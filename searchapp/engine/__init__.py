"""Engines behind one protocol: the Whoosh index with its writer, searcher and snippets."""
