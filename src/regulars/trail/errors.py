"""Refusals of the trail."""

from regulars.kit.errors import Conflict, IdempotencyConflict, InvalidInput


class KeyInvalid(InvalidInput):
    """The idempotency key is empty, too long or holds characters that are not printable."""

    code = "idempotency_key_invalid"


class KeyReused(IdempotencyConflict):
    """The key was used before with other input."""

    code = "idempotency_conflict"


class AnswerInProgress(Conflict):
    """Another request with the same key is still being worked on; try again in a moment."""

    code = "idempotency_in_progress"
