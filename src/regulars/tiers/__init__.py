"""Status from qualifying points."""
