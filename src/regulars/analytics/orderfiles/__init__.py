"""Anybody's order file as facts, measured without a database."""
