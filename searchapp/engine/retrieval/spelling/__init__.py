"""Other spellings of words that find little, and completions of words that are being typed."""
