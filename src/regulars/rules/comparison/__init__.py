"""What a document makes worse for members than another: pure, and rather too careful than too kind."""

from regulars.rules.comparison.programme import compare_promises

__all__ = ["compare_promises"]
