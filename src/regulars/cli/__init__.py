"""The terminal: one of the four surfaces. It asks, shows and explains; it decides nothing."""

from regulars.cli.entry import main

__all__ = ["main"]
