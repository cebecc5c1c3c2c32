"""What serving reads of a member before it decides: one statement for all that recommend itself keeps.

Values travel as text and come back as JSON: PostgreSQL prepares each statement once (`kit/statements`).
"""

import json
import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from regulars.analytics.facade import GROUPS_SQL, SETTING_SQL, LearningSettings, read_groups, read_setting
from regulars.kit.ids import MemberId
from regulars.kit.statements import fetch_rows
from regulars.members.facade import MemberErased, MemberUnknown, look_up_person, split_interests
from regulars.recommend.queries.marks import IN_FORCE_SQL, read_marks
from regulars.recommend.types import MarkView, ShelfCode
from regulars.redemption.facade import TAKEN_SQL

logger = logging.getLogger(__name__)

_STATE = """
WITH person AS MATERIALIZED ({person}),
everybody AS MATERIALIZED (SELECT id, erased, attributes, merged || id AS ids FROM person)
SELECT p.id, p.erased, p.attributes::text, p.ids,
    (SELECT json_agg(c.personal ORDER BY c.member_id = p.id DESC, c.personal)
        FROM recommend_choice c WHERE c.member_id = ANY (p.ids))::text,
    (SELECT json_agg(json_build_array(d.kind, d.sku))
        FROM recommend_dismissal d WHERE d.member_id = ANY (p.ids))::text,
    (SELECT json_agg(json_build_array(r.shelf, r.model_id, r.as_of, r.skus[1:{depth}], r.reasons)
            ORDER BY r.member_id = p.id)
        FROM recommend_candidates r WHERE r.member_id = ANY (p.ids))::text,
    (SELECT json_build_array(t.as_of, t.brands, t.categories, t.recent_skus) FROM recommend_taste t
        WHERE t.member_id = ANY (p.ids) ORDER BY t.member_id = p.id DESC, t.orders_count DESC LIMIT 1)::text,
    ({taken})::text,
    ({groups})::text,
    ({setting})::text,
    ({marks})::text
FROM everybody p
"""
_SHOP = "SELECT ({setting})::text, ({marks})::text"
SESSION = timedelta(days=1)
DEPTH = 120
"""How far down a list of candidates serving ever looks."""
_POPULAR = """
SELECT scope, days, to_json(skus[1:{depth}])::text, to_json(buyers[1:{depth}])::text FROM recommend_popular
WHERE scope = ANY (%s::text[])
"""
_AROUND = f"""
SELECT NULL::int, sku, to_json(skus)::text, to_json(weights)::text FROM recommend_similar
WHERE sku = ANY (%s::text[])
UNION ALL
SELECT days, scope, to_json(skus[1:{DEPTH}])::text, to_json(buyers[1:{DEPTH}])::text FROM recommend_popular
WHERE scope = ANY (%s::text[])
"""  # noqa: S608 (a constant)


@dataclass(frozen=True, slots=True)
class Learnt:
    """One shelf of a member as a model precomputed it."""

    model_id: int | None
    as_of: date
    skus: Sequence[str]
    reasons: Sequence[Any]


@dataclass(frozen=True, slots=True)
class State:
    """What is kept of a member. Of one who does not want it personal only their own words are read."""

    member_id: MemberId
    member_ids: tuple[MemberId, ...]
    is_personal: bool
    hidden: frozenset[str]
    unlearnt: frozenset[str]
    refused: frozenset[str]
    """Codes of rewards that are not for them."""
    learnt: Mapping[ShelfCode, Learnt]
    brands: tuple[str, ...]
    categories: tuple[str, ...]
    recent_skus: tuple[str, ...]
    interests: tuple[str, ...]
    taken: tuple[tuple[str, str, datetime], ...]
    """Rewards of this session: code, category, when."""
    groups: tuple[str, ...]
    """Scopes of what is popular among members like this one."""
    settings: LearningSettings
    marks: tuple[MarkView, ...]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody, under all the numbers that lead to them; their own comes first."""

    member_id: MemberId
    member_ids: tuple[MemberId, ...]
    interests: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PopularList:
    """What many buy lately, best first."""

    days: int
    skus: Sequence[str]
    buyers: Sequence[int]


def load_state(member_id: MemberId, now: datetime) -> State:
    """The person behind a member's id, and what is kept of them. One query.

    Raises MemberUnknown, MemberErased.
    """
    person = look_up_person(member_id)
    text = _STATE.format(
        person=person.text,
        depth=DEPTH,
        taken=TAKEN_SQL.format(members="p.ids"),
        groups=GROUPS_SQL.format(member="p.id"),
        setting=SETTING_SQL,
        marks=IN_FORCE_SQL,
    )
    since = (now - SESSION).isoformat()
    rows = fetch_rows(text, (person.value, since, now.isoformat(), now.isoformat()))
    if not rows:
        raise MemberUnknown(f"There is no member {member_id}.")
    own_id, erased, attributes, ids, *own, setting, marks = rows[0]
    choices, dismissals, learnt, taste, taken, groups = own
    if erased:
        raise MemberErased(f"The data of member {own_id} was erased.")
    is_personal = choices is None or json.loads(choices)[0]
    said = json.loads(dismissals) if dismissals else ()
    likings = read_taste(taste) if is_personal and taste else ((), (), ())
    return State(
        member_id=MemberId(own_id),
        member_ids=tuple(MemberId(one) for one in ids),
        is_personal=is_personal,
        hidden=frozenset(sku for kind, sku in said if kind == "show"),
        unlearnt=frozenset(sku for kind, sku in said if kind == "learn"),
        refused=frozenset(code for kind, code in said if kind == "reward"),
        learnt=_read_learnt(own_id, learnt) if is_personal and learnt else {},
        brands=likings[0],
        categories=likings[1],
        recent_skus=likings[2],
        interests=split_interests(json.loads(attributes)) if is_personal else (),
        taken=tuple(
            (code, category, datetime.fromisoformat(at))
            for code, category, at in (json.loads(taken) if is_personal and taken else ())
        ),
        groups=_read_groups(groups) if is_personal and groups else (),
        settings=read_setting(json.loads(setting) if setting else None),
        marks=read_marks(marks),
    )


def get_person(member_id: MemberId) -> Person:
    """The person behind a member's id. One query. Raises MemberUnknown, MemberErased."""
    person = look_up_person(member_id)
    rows = fetch_rows(f"SELECT id, erased, attributes::text, merged FROM ({person.text}) p", (person.value,))  # noqa: S608
    if not rows:
        raise MemberUnknown(f"There is no member {member_id}.")
    own_id, erased, attributes, merged = rows[0]
    if erased:
        raise MemberErased(f"The data of member {own_id} was erased.")
    ids = tuple(MemberId(one) for one in (own_id, *merged))
    return Person(ids[0], ids, split_interests(json.loads(attributes)))


def load_shop(now: datetime) -> tuple[LearningSettings, tuple[MarkView, ...]]:
    """The same of nobody: what the shop decided. One query."""
    text = _SHOP.format(setting=SETTING_SQL, marks=IN_FORCE_SQL)
    ((setting, marks),) = fetch_rows(text, (now.isoformat(), now.isoformat()))
    return read_setting(json.loads(setting) if setting else None), read_marks(marks)


def load_around(
    skus: Collection[str], scopes: Collection[str]
) -> tuple[dict[str, tuple[Sequence[str], Sequence[float]]], dict[str, PopularList]]:
    """What goes with products, and what is popular in scopes: one query, none where neither is asked."""
    if not skus and not scopes:
        return {}, {}
    found = fetch_rows(_AROUND, (write_array(skus), write_array(scopes)))
    rows = [(days, name, json.loads(others), json.loads(numbers)) for days, name, others, numbers in found]
    similar = {
        name: (others, weights)
        for days, name, others, weights in rows
        if days is None and _are_numbers(name, weights)
    }
    popular = {name: PopularList(days, skus, buyers) for days, name, skus, buyers in rows if days is not None}
    return similar, popular


def _are_numbers(sku: str, weights: Sequence[Any]) -> bool:
    """Whether all weights are finite: as JSON, those that are not come as text, and a missing one as null."""
    if set(map(type, weights)) <= {int, float}:
        return True
    logger.warning("What goes with %s cannot be read; serving goes on without it.", sku)
    return False


def load_popular(scopes: Collection[str]) -> dict[str, PopularList]:
    """Popular products by scope; scopes that were not counted are left out. One query, none for no scopes."""
    if not scopes:
        return {}
    rows = fetch_rows(_POPULAR.format(depth=DEPTH), (write_array(scopes),))
    return {
        scope: PopularList(days, json.loads(skus), json.loads(buyers)) for scope, days, skus, buyers in rows
    }


def load_similar(skus: Collection[str]) -> dict[str, tuple[Sequence[str], Sequence[float]]]:
    """What goes with products, best first, with weights. One query, none for no products."""
    if not skus:
        return {}
    return load_around(skus, ())[0]


def write_array(texts: Collection[str]) -> str:
    """An array of texts as PostgreSQL reads it; NUL, which it cannot hold, names nothing."""
    kept = (one.replace("\\", "\\\\").replace('"', '\\"') for one in texts if "\0" not in one)
    return "{" + ",".join(f'"{one}"' for one in kept) + "}"


def _read_groups(raw: str) -> tuple[str, ...]:
    segment, lifestyles = read_groups(json.loads(raw))
    scopes = [f"segment:{segment}"] if segment else []
    return (*scopes, *(f"lifestyle:{code}" for code in lifestyles[:1]))


def read_taste(raw: str) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Brands, categories and recent products of a stored taste; what cannot be read is nothing."""
    try:
        _as_of, brands, categories, recent = json.loads(raw)
        return (
            tuple(str(one[0]) for one in brands),
            tuple(str(one[0]) for one in categories),
            tuple(str(one) for one in recent),
        )
    except (ValueError, TypeError, IndexError, KeyError):
        logger.warning("A stored taste cannot be read; serving goes on without it.")
        return (), (), ()


def _read_learnt(member_id: int, raw: str) -> dict[ShelfCode, Learnt]:
    found = {}
    for shelf, model_id, as_of, told, reasons in json.loads(raw):
        skus = told or ()
        if not isinstance(reasons, list) or len(reasons) < len(skus) or shelf not in _SHELVES:
            logger.warning(
                "The candidates of member %s for %s cannot be read; the next way serves.", member_id, shelf
            )
            continue
        # Of one item it may be that its reasons alone cannot be read.
        readable = [one if isinstance(one, list) else [] for one in reasons[: len(skus)]]
        found[ShelfCode(shelf)] = Learnt(model_id, date.fromisoformat(as_of), skus, readable)
    return found


_SHELVES = frozenset(ShelfCode)
