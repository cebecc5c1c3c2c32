"""The journal as double-entry lines in files."""
