"""What the copies of stories say of outlets and dates: filters, facets, histograms."""
