"""Which articles are copies of one another: exact copies, then reused and abridged ones, told apart from templates."""
