"""The root of every expected refusal.

A room derives one class per refusal from the base that says what kind it is; surfaces translate by
base class alone, so a new refusal needs no new handler.
"""

from typing import Any, ClassVar


class Refusal(Exception):
    """Something the caller asked for may not, or cannot, happen. Nothing has changed.

    `code` is stable and machine-readable; `detail` is one sentence for a person, saying what to do
    next where there is something to do; `extra` holds JSON-ready facts (amounts, ids, fields).
    """

    code: ClassVar[str] = "refused"

    def __init__(self, detail: str, **extra: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.extra = extra


class InvalidInput(Refusal):
    """The request itself makes no sense; the same request will never succeed (HTTP 422)."""

    code = "invalid_input"


class NotFound(Refusal):
    """What the request names does not exist (HTTP 404)."""

    code = "not_found"


class NotAllowed(Refusal):
    """The actor has no right to do this (HTTP 403)."""

    code = "not_allowed"


class Conflict(Refusal):
    """It exists or has moved on: the present state forbids it (HTTP 409)."""

    code = "conflict"


class IdempotencyConflict(Conflict):
    """The key was used before with other input (HTTP 409)."""

    code = "idempotency_conflict"


class TooMany(Refusal):
    """Asked too often; try again later (HTTP 429)."""

    code = "too_many_requests"


class Unavailable(Refusal):
    """A part that is needed does not answer now; try again later (HTTP 503)."""

    code = "unavailable"
