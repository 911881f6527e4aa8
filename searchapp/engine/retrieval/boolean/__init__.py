"""Documents that have all, or any, of several words."""
