"""What all parts of retrieval speak of: the segments of a commit, what is asked and what matches it, and weights."""
