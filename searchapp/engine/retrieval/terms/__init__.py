"""The terms that a word of a query stands for, and the postings of each as lists with scores."""
