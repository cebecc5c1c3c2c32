"""Operators, roles, API keys and member sign-in."""
