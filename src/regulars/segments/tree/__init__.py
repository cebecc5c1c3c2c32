"""The condition tree: its nodes, how they are read from JSON, how they are said in a sentence."""
