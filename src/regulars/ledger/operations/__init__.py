"""Writes of the ledger: each posting is one function in the database, and one round trip."""
