"""How Russian writes days."""
