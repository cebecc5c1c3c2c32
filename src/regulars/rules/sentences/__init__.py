"""What a programme does, in the reader's language: why points were given, and how to earn them."""

from regulars.rules.sentences.guide import describe_rule, describe_rules
from regulars.rules.sentences.reasons import explain, explain_parts
from regulars.rules.sentences.terms import describe_terms
from regulars.rules.sentences.warnings import describe_worsening

__all__ = [
    "describe_rule",
    "describe_rules",
    "describe_terms",
    "describe_worsening",
    "explain",
    "explain_parts",
]
