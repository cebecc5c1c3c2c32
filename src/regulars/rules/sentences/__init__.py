"""What a programme does, in the reader's language: why points were given, and how to earn them."""

from regulars.rules.sentences.guide import describe_rules
from regulars.rules.sentences.reasons import explain, explain_parts

__all__ = ["describe_rules", "explain", "explain_parts"]
