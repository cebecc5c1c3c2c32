"""Products, rewards, stock, code pools, prices in points."""
