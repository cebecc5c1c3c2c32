"""From a condition tree to one statement."""
