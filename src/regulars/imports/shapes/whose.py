"""Whose row it is: members by the shop's own id, created on request."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from regulars.imports.shapes.base import Context
from regulars.kit.ids import MemberId
from regulars.members import facade as members


@dataclass(frozen=True, slots=True)
class Found:
    """The members of a batch: ids by external id, reasons where there is none, and how many are new."""

    ids: Mapping[str, MemberId]
    reasons: Mapping[str, str]
    created: int


def find_or_create(context: Context, seen: Iterable[tuple[str, datetime]]) -> Found:
    """Look members up by external id; (external id, moment) pairs say when one that is created has joined."""
    first: dict[str, datetime] = {}
    for external_id, occurred_at in seen:
        first[external_id] = min(occurred_at, first.get(external_id, occurred_at))
    ids = members.find_member_ids(first)
    unknown = [external_id for external_id in first if external_id not in ids]
    if not unknown:
        return Found(ids, {}, 0)
    if not context.create_members:
        return Found(ids, {name: f"there is no member {name} (--create-members?)" for name in unknown}, 0)
    return _create(context, ids, [(name, first[name]) for name in unknown])


def _create(context: Context, ids: dict[str, MemberId], wanted: Sequence[tuple[str, datetime]]) -> Found:
    outcomes = members.save_members(
        actor=context.actor,
        now=context.now,
        batch=[
            # A clock that runs ahead makes nobody join tomorrow.
            members.MemberInput(external_id=external_id, joined_at=min(joined_at, context.now))
            for external_id, joined_at in wanted
        ],
    )
    reasons: dict[str, str] = {}
    created = 0
    for (external_id, _), outcome in zip(wanted, outcomes, strict=True):
        if outcome.member_id is None:
            reasons[external_id] = f"the member cannot be created: {outcome.detail}"
        else:
            ids[external_id] = outcome.member_id
            created += outcome.status is members.SaveStatus.CREATED
    return Found(ids, reasons, created)
