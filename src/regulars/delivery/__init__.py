"""Transports: e-mail and text messages out."""
