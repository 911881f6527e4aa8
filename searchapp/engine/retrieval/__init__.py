"""From a query to its hits over segments: postings are read as arrays, and no Python runs once a posting."""
