"""Segments: who belongs to which audience, why, since when, and kept so."""
