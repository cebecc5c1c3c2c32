"""Activity in, points out."""
