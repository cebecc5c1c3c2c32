"""Ids, points arithmetic, clock, paging and typed errors. No Django models live here."""
