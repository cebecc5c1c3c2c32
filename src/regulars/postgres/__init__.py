"""The embedded PostgreSQL: binaries and life cycle. Knows nothing of Django or of the rooms."""
