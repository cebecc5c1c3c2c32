"""Shapes of merging two members, and of parting them."""

from typing import Annotated

from pydantic import Field

from regulars.api.schemas.scalars import Given, MemberRef, Text, Told
from regulars.ledger.facade import Currency

Reason = Annotated[Text, Field(min_length=1, description="Why; it stays in the audit trail.")]


class MergeIn(Given):
    """Into whom, and why they are one."""

    into: MemberRef
    reason: Reason


class PartingIn(Given):
    """Why they are two."""

    reason: Reason


class MovedOut(Told):
    """What went over in one currency, or came back. `missing`: what could not come back."""

    currency: Currency
    active: int
    pending: int
    debt: int
    missing: int


class MergeOut(Told):
    """What a merge moved, or its undoing."""

    member_id: int
    into_member_id: int
    moved: list[MovedOut]
