"""From input files to articles: readers of each format, and the extraction of articles from pages."""
