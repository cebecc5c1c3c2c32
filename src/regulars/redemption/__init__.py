"""Points in, rewards out."""
