"""Tiers: who rose and who fell between two days."""

from datetime import date
from typing import Any

import ibis

from regulars.analytics.measures.basis import list_people
from regulars.analytics.types import Period
from regulars.facts.facade import Facts


def list_tiers_at(facts: Facts, day: date) -> Any:
    """Tiers at the beginning of a day (member_id, tier), of those who had ever changed by then."""
    changes = facts.tier_changes
    before = changes.filter(changes.occurred_on < ibis.date(day))
    latest = ibis.window(
        group_by="member_id", order_by=[ibis.desc(before.occurred_at), ibis.desc(before.change_id)]
    )
    numbered = before.mutate(place=ibis.row_number().over(latest))
    numbered = numbered.filter(numbered.place == 0)
    return numbered.select("member_id", tier=numbered.to_tier)


def list_tier_moves(facts: Facts, period: Period) -> Any:
    """Members who were there when the period began (member_id, before, after): their tiers then and at its
    end.

    A matrix of migration as for credit ratings: rows are where members were, columns where they are. Empty:
    no tier.
    """
    people = list_people(facts)
    people = people.filter(people.joined_on < ibis.date(period.first)).select("member_id")
    before = list_tiers_at(facts, period.first).rename(before="tier")
    after = list_tiers_at(facts, period.after).rename(after="tier")
    both = people.left_join(before, "member_id").select("member_id", "before")
    both = both.left_join(after, "member_id").select("member_id", "before", "after")
    return both.select("member_id", before=both.before.fill_null(""), after=both.after.fill_null(""))


def count_tier_moves(facts: Facts, period: Period) -> Any:
    """The same, counted (before, after, members)."""
    rows = list_tier_moves(facts, period)
    return rows.group_by(["before", "after"]).agg(members=rows.count())
