"""The pure evaluator: (programme, member, basket or happening) in, explained postings out."""

from regulars.rules.evaluation.basket import evaluate_basket
from regulars.rules.evaluation.happening import evaluate_happening
from regulars.rules.evaluation.left_out import list_left_out
from regulars.rules.evaluation.terms import resolve_expiry
from regulars.rules.evaluation.usage import list_usage_keys

__all__ = ["evaluate_basket", "evaluate_happening", "list_left_out", "list_usage_keys", "resolve_expiry"]
