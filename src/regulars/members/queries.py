"""Reads of members."""

import json
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import BigIntegerField, Q, QuerySet
from django.db.models.functions import Coalesce

from regulars.kit.ids import MemberId
from regulars.kit.paging import Page, clamp_page_size, decode_cursor, encode_cursor
from regulars.kit.statements import Lookup, fetch_rows
from regulars.members.errors import MemberUnknown, ProfileInvalid
from regulars.members.models import Member, MemberMerge
from regulars.members.policies import ERASED_PREFIX, birthdays_kept_on, fold, normalise_identity
from regulars.members.types import IdentityKind, MemberProfile, MemberTraits, MergeView

SEARCH_LENGTH_MAX = 200
BIGGEST_KEY = 2**63 - 1

TRAITS_SQL = """
SELECT m.id, m.birthday, m.joined_at, m.attributes::text,
    ARRAY(SELECT o.id FROM members_member o WHERE o.merged_into = m.id ORDER BY o.id)
FROM members_member m WHERE m.id = ANY(%s::bigint[])
"""

# Asked for with every page of the store.
PROFILES_SQL = """
SELECT m.id, m.external_id, m.given_name, m.family_name, m.birthday, m.joined_at, m.locale, m.time_zone,
    m.attributes::text, m.anonymised_at, m.merged_into,
    (SELECT json_agg(json_build_array(i.kind, i.value) ORDER BY i.value)::text
        FROM members_memberidentity i WHERE i.member_id = m.id)
FROM members_member m WHERE m.id = ANY (%s::bigint[])
"""
MERGED_SQL = "SELECT id FROM members_member WHERE merged_into = %s::bigint ORDER BY id"
BY_EXTERNAL_ID_SQL = (
    "SELECT external_id, coalesce(merged_into, id) FROM members_member WHERE external_id = %s"
)
# Of a merged member both find the survivor.
BY_ID_SQL = "SELECT coalesce(merged_into, id) FROM members_member WHERE id = %s::bigint"
ID_BY_EXTERNAL_SQL = "SELECT coalesce(merged_into, id) FROM members_member WHERE external_id = %s::text"
PERSON_SQL = """
SELECT s.id, s.anonymised_at IS NOT NULL AS erased, s.attributes,
    ARRAY(SELECT o.id FROM members_member o WHERE o.merged_into = s.id ORDER BY o.id) AS merged
FROM members_member m JOIN members_member s ON s.id = coalesce(m.merged_into, m.id) WHERE m.id = %s::bigint
"""

LIST_SQL = """
SELECT m.id, m.name_key_reversed FROM members_member m
WHERE m.anonymised_at IS NULL AND m.merged_into IS NULL
    AND (m.name_key_reversed, m.id) > (%(name)s, %(id)s)
ORDER BY m.name_key_reversed, m.id LIMIT %(limit)s
"""

# One branch for each index; a plain OR over both tables would read every member. Each in the order of its
# index, so that one with a `reach` reads no further: half of all members may have a name with an A in front.
HITS_SQL = """
    (SELECT id FROM members_member WHERE name_key LIKE %(folded)s ORDER BY name_key LIMIT %(reach)s)
    UNION (SELECT id FROM members_member WHERE name_key_reversed LIKE %(folded)s
        ORDER BY name_key_reversed, id LIMIT %(reach)s)
    UNION (SELECT id FROM members_member WHERE lower(external_id) LIKE %(external)s
        ORDER BY lower(external_id) LIMIT %(reach)s)
    UNION (SELECT member_id FROM members_memberidentity WHERE kind = 'email' AND value LIKE %(folded)s
        ORDER BY value LIMIT %(reach)s)
    UNION (SELECT member_id FROM members_memberidentity WHERE kind = 'phone' AND value LIKE %(phone)s
        ORDER BY value LIMIT %(reach)s)
    UNION (SELECT member_id FROM members_memberidentity WHERE kind = 'card' AND value LIKE %(card)s
        ORDER BY value LIMIT %(reach)s)
"""
SEARCH_SQL = f"""
WITH hit(id) AS ({HITS_SQL})
SELECT m.id, m.name_key_reversed FROM members_member m
JOIN (
    SELECT DISTINCT coalesce(found.merged_into, found.id) AS id
    FROM members_member found JOIN hit ON hit.id = found.id
) AS hits ON hits.id = m.id
WHERE (m.anonymised_at IS NULL OR %(erased)s) AND (m.name_key_reversed, m.id) > (%(name)s, %(id)s)
ORDER BY m.name_key_reversed, m.id LIMIT %(limit)s
"""  # noqa: S608 (constants)


def get_member(member_id: MemberId) -> MemberProfile:
    """One member. One query. Raises MemberUnknown."""
    found = get_profiles([member_id])
    if member_id not in found:
        raise MemberUnknown(f"There is no member {member_id}.")
    return found[member_id]


def find_member(kind: IdentityKind, value: str) -> MemberProfile | None:
    """The member with this identity in any spelling, or None. An identity that cannot exist finds nobody.

    An identity of a merged member finds the survivor.
    """
    try:
        normal = normalise_identity(kind, value)
    except ProfileInvalid:
        return None
    if kind is IdentityKind.EXTERNAL:
        return _first(Member.objects.filter(external_id=normal))
    return _first(Member.objects.filter(identities__kind=kind, identities__value=normal))


def find_member_ids(external_ids: Iterable[str]) -> dict[str, MemberId]:
    """The members of these external ids, as they are written here; those unknown are left out. One query.

    The id of a merged member's is the survivor's.
    """
    wanted = list(set(external_ids))
    if not wanted:
        return {}
    if len(wanted) == 1:
        # Every posting of one order or award comes this way.
        return {found: MemberId(member_id) for found, member_id in fetch_rows(BY_EXTERNAL_ID_SQL, wanted)}
    rows = Member.objects.filter(external_id__in=wanted).values_list(
        "external_id", Coalesce("merged_into", "id", output_field=BigIntegerField())
    )
    return {external_id: MemberId(member_id) for external_id, member_id in rows}


def look_up_member(member_id: MemberId) -> Lookup:
    """The way to a member's id by our id: finds nothing where there is no such member."""
    return Lookup(BY_ID_SQL, str(member_id))


def look_up_external(external_id: str) -> Lookup:
    """The same by theirs."""
    return Lookup(ID_BY_EXTERNAL_SQL, external_id)


def look_up_person(member_id: MemberId) -> Lookup:
    """The way to the person behind a member's id, who is the survivor of a merge.

    Columns: `id`, whether they were `erased`, `attributes`, and who was `merged` into them.
    """
    return Lookup(PERSON_SQL, str(member_id))


def is_member(member_id: MemberId) -> bool:
    """Whether there is such a member, erased ones included. One query."""
    return bool(fetch_rows(BY_ID_SQL, (str(member_id),)))


def get_profiles(member_ids: Iterable[MemberId]) -> dict[MemberId, MemberProfile]:
    """Many members; those unknown are left out. One query, however many; none where no id is given."""
    # What somebody typed may be more than a key can be.
    wanted = ",".join(str(one) for one in set(member_ids) if 0 < one <= BIGGEST_KEY)
    if not wanted:
        return {}
    return {row[0]: _read_profile(row) for row in fetch_rows(PROFILES_SQL, (f"{{{wanted}}}",))}


def list_merged(member_id: MemberId) -> list[MemberId]:
    """Those who were merged into the member. One query."""
    return [MemberId(row[0]) for row in fetch_rows(MERGED_SQL, (str(member_id),))]


def get_traits(member_ids: Iterable[MemberId]) -> dict[MemberId, MemberTraits]:
    """What rules may know of many members; those unknown are left out. One query, and little for each row."""
    wanted = ",".join(map(str, set(member_ids)))
    with connection.cursor() as cursor:
        cursor.execute(TRAITS_SQL, ["{" + wanted + "}"])
        rows = cursor.fetchall()
    read = {told: json.loads(told) for told in {row[3] for row in rows}}
    return {
        member_id: MemberTraits(member_id, birthday, joined_at, read[told], tuple(merged))
        for member_id, birthday, joined_at, told, merged in rows
    }


def search_members(
    text: str = "", cursor: str | None = None, size: int | None = None, *, reach: int | None = None
) -> Page[MemberProfile]:
    """Members whose name, e-mail, external id, phone or card begins with `text`, by family name.

    Names match in both orders ("ada lov", "lovelace a"). No text lists everyone whose data is not
    erased. Two queries, however many are found. With a `reach`, of each way to find somebody only so many
    are looked at: quick for a text that half of all members begin with, and then not all of them.
    """
    limit = clamp_page_size(size)
    name, last_id = decode_cursor(cursor, (str, int)) if cursor else ("", 0)
    text = tidy_search(text)
    params: dict[str, Any] = {"name": name, "id": last_id, "limit": limit + 1}
    with connection.cursor() as sql:
        if text:
            sql.execute(SEARCH_SQL, params | find_patterns(text) | {"reach": reach})
        else:
            sql.execute(LIST_SQL, params)
        rows = sql.fetchall()
    shown = rows[:limit]
    profiles = get_profiles([MemberId(row[0]) for row in shown])
    next_cursor = encode_cursor(shown[-1][1], shown[-1][0]) if len(rows) > limit else None
    return Page(tuple(profiles[MemberId(row[0])] for row in shown), next_cursor)


def list_birthdays(day: date, *, after: MemberId | None = None, size: int = 1_000) -> list[MemberId]:
    """Members whose birthday is kept on `day`, by id, beyond `after`; those of 29 February on the 28th."""
    kept = Q()
    for month, day_of_month in birthdays_kept_on(day):
        kept |= Q(birthday__month=month, birthday__day=day_of_month)
    rows = Member.objects.filter(
        kept, birthday__lte=day, id__gt=after or 0, merged_into__isnull=True
    ).order_by("id")
    return [MemberId(member_id) for member_id in rows.values_list("id", flat=True)[:size]]


def count_members() -> int:
    """How many members there are whose data is not erased; two who were merged are one."""
    return Member.objects.filter(anonymised_at__isnull=True, merged_into__isnull=True).count()


def list_erased() -> list[MemberId]:
    """Everybody whose data was erased. One query, by an index of them alone."""
    rows = Member.objects.filter(anonymised_at__isnull=False).order_by("id")
    return [MemberId(member_id) for member_id in rows.values_list("id", flat=True)]


def find_survivors(member_ids: Iterable[MemberId]) -> dict[MemberId, MemberId]:
    """Of these members, those who are merged, each with the survivor. One query."""
    rows = Member.objects.filter(id__in=set(member_ids), merged_into__isnull=False)
    return {MemberId(one): MemberId(into) for one, into in rows.values_list("id", "merged_into") if into}


def list_merges(member_id: MemberId) -> list[MergeView]:
    """The merges that a member had part in, on either side, latest first."""
    rows = MemberMerge.objects.filter(Q(member_id=member_id) | Q(into_member=member_id)).order_by("-id")
    return [
        MergeView(
            id=row.pk,
            member_id=MemberId(row.member_id),
            into_member_id=MemberId(row.into_member),
            merged_at=row.merged_at,
            actor=row.actor,
            reason=row.reason,
            undone_at=row.undone_at,
            undone_by=row.undone_by,
            undone_reason=row.undone_reason,
        )
        for row in rows
    ]


def profiles_of(rows: QuerySet[Member]) -> list[MemberProfile]:
    """The profiles of rows. Two queries."""
    return list(get_profiles(MemberId(row_id) for row_id in rows.values_list("id", flat=True)).values())


def _first(rows: QuerySet[Member]) -> MemberProfile | None:
    found = profiles_of(rows[:1])
    if found and found[0].merged_into is not None:
        return get_member(found[0].merged_into)
    return found[0] if found else None


def _read_profile(row: Sequence[Any]) -> MemberProfile:
    """A row of PROFILES_SQL, whose columns are in the order of a profile's fields."""
    *plain, attributes, anonymised_at, merged_into, listed = row
    identities: list[tuple[str, str]] = json.loads(listed) if listed else []
    single = dict(identities)
    fields: list[Any] = [
        *plain,
        single.get(IdentityKind.EMAIL),
        single.get(IdentityKind.PHONE),
        tuple(value for kind, value in identities if kind == IdentityKind.CARD),
        json.loads(attributes),
        anonymised_at,
        merged_into,
    ]
    return MemberProfile(*fields)


def tidy_search(text: str) -> str:
    """What is searched for, without what cannot be found."""
    return " ".join(text.split())[:SEARCH_LENGTH_MAX].replace("\0", "")


def find_patterns(text: str) -> dict[str, Any]:
    """What each branch of the search compares with, for a tidy text that is not empty."""
    digits = "".join(sign for sign in text if sign.isdigit() and sign.isascii())
    compact = text.replace(" ", "").replace("-", "")
    is_phone = bool(digits) and all(sign in "+0123456789 ()-./" for sign in text)
    return {
        "folded": _prefix(fold(text)),
        "external": _prefix(_lower_ascii(text)),
        "phone": _prefix("+" + digits.removeprefix("00")) if is_phone else "",
        "card": _prefix(compact.upper()) if compact.isalnum() else "",
        "erased": text.startswith(ERASED_PREFIX),
    }


def _lower_ascii(text: str) -> str:
    """What the database makes of an external id, whose collation is C: letters beyond ASCII stay."""
    return "".join(sign.lower() if sign.isascii() else sign for sign in text)


def _prefix(text: str) -> str:
    """A LIKE pattern for what begins with `text`, taken literally."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
