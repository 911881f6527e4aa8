"""Taking in by several processes: what is to be done with each page by itself goes on beside comparing and writing."""
