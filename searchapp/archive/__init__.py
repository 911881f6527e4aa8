"""The archive: articles, stories and the way they came, in SQLite. It is the truth; an index is derived from it."""
