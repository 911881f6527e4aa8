"""The query language: parser, syntax tree and limits."""
