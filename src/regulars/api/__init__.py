"""The shops' systems' surface."""
