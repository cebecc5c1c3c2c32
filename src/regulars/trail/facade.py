"""The door of the trail."""

from regulars.trail.errors import AnswerInProgress, KeyInvalid, KeyReused
from regulars.trail.operations import (
    answer_once,
    find_answer,
    record_audit,
    record_audits,
    require_transaction,
    store_answer,
)
from regulars.trail.policies import check_key
from regulars.trail.queries import list_audit, list_audit_actions
from regulars.trail.types import Answer, AuditNote, AuditRecord

__all__ = [
    "Answer",
    "AnswerInProgress",
    "AuditNote",
    "AuditRecord",
    "KeyInvalid",
    "KeyReused",
    "answer_once",
    "check_key",
    "find_answer",
    "list_audit",
    "list_audit_actions",
    "record_audit",
    "record_audits",
    "require_transaction",
    "store_answer",
]
