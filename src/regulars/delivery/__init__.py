"""Transports: e-mail out."""
