"""Finance: what is owed in points, what moved, and both as books that an accountant can check."""
