"""Regulars: a self-hosted points marketplace and retention engine."""

__version__ = "0.1.0"
