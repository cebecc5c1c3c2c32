"""The optional `when` of a rule: an expression in CEL, checked when published, harmless when run."""

from regulars.rules.conditions.check import check_when
from regulars.rules.conditions.run import Condition, ConditionFailed, compile_when
from regulars.rules.conditions.variables import VARIABLES, fields_used

__all__ = ["VARIABLES", "Condition", "ConditionFailed", "check_when", "compile_when", "fields_used"]
