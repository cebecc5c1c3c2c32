"""The columnar copy of what happened, and the engine it is queried with."""
