"""Spelling variants: which words of an archive are one word, spelled in two ways (نتنياهو, نتانياهو)."""
