"""Documents in which words stand side by side."""
