"""Arabic analysis: char filters, tokenizer, token filters and the analyzer that chains them."""
