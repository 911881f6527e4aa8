"""The bench: speed and size of the product's engine beside its peers, measured the same way in one run."""
