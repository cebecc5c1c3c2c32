"""Expressions over facts: what they say of a shop's customers. Knows schemas of facts, not rooms."""
