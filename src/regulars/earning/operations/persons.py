"""What counts for a person counts over all members that were merged into one: orders before, use of caps."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from regulars.activity import facade as activity
from regulars.activity.facade import EventInput, OrderInput
from regulars.kit.ids import MemberId, OrderId
from regulars.members import facade as members
from regulars.members.facade import MemberTraits

_Reported = TypeVar("_Reported", OrderInput, EventInput)
Survivors = Mapping[MemberId, MemberId]
"""Merged members, each with the survivor."""


def gather_merged(traits: Mapping[MemberId, MemberTraits]) -> Survivors:
    """Who is merged into any of these members."""
    return {one: member_id for member_id, known in traits.items() for one in known.merged}


def count_orders_before(
    member_ids: Collection[MemberId], merged: Survivors, *, excluding: Collection[OrderId] = ()
) -> dict[MemberId, int]:
    """Orders before, those of merged members with the survivor's."""
    counts = activity.count_orders_before([*member_ids, *merged], excluding=excluding)
    for one, survivor in merged.items():
        if one in counts:
            counts[survivor] = counts.get(survivor, 0) + counts.pop(one)
    return counts


def with_survivors(member_ids: Collection[MemberId]) -> list[MemberId]:
    """These members and the survivors of those who are merged, ascending: whom a taking back concerns."""
    return sorted({*member_ids, *members.find_survivors(member_ids).values()})


def as_recorded(
    batch: Sequence[_Reported],
    traits: Mapping[MemberId, MemberTraits],
    find_owners: Callable[[Collection[str]], Mapping[str, MemberId]],
) -> tuple[list[_Reported], dict[MemberId, MemberTraits]]:
    """The batch with what was recorded for a member before they were merged told of that member again.

    Else a repeat that names the survivor, as every look-up does now, would seem another order or event.
    Costs a query only where a member of the batch has others merged into them.
    """
    suspects = {one.external_id for one in batch if one.member_id in traits and traits[one.member_id].merged}
    if not suspects:
        return list(batch), dict(traits)
    owners = find_owners(suspects)
    told = [
        replace(one, member_id=owner)
        if (owner := owners.get(one.external_id)) is not None
        and one.member_id in traits
        and owner in traits[one.member_id].merged
        else one
        for one in batch
    ]
    missing = {one.member_id for one in told} - traits.keys()
    return told, {**traits, **members.get_traits(missing)}
