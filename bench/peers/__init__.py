"""The peers that the product's engine is measured against, and how the process of each is started."""
