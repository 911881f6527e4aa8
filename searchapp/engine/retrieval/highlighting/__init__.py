"""The hits of a page: the best windows of their texts, and the words marked in them."""
