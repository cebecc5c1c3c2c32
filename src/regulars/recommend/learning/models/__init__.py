"""Models: each learns from a history, and scores items for members."""
