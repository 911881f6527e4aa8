"""The order of what matches: the last scores of the best, by how the words stand in them."""
