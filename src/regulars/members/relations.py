"""What may be asked of members: who there is, and what is known of each. See `kit/relations.py`."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from regulars.kit.relations import Declaration, Trait, Unit, ValueKind, Watch

JOINING = "members.joining"
LEAVING = "members.leaving"
"""Merged, parted again, or erased."""
TELLING = "members.telling"
"""Told anew: attributes, a birthday, a language."""


@dataclass(frozen=True, slots=True)
class Everybody:
    """All members: `source` is a FROM clause, the rest expressions over it.

    `merged` lists who was merged into whom (`id`, `merged_into`): what is on the name of the first counts for
    the second. `joined_watches` tell that somebody joined at another time than was known.
    """

    source: str
    id: str
    joined_at: str
    is_present: str
    merged: str
    joined_watches: tuple[str, ...]


EVERYBODY = Everybody(
    source="members_member m",
    id="m.id",
    joined_at="m.joined_at",
    is_present="m.merged_into IS NULL AND m.anonymised_at IS NULL",
    merged="SELECT id, merged_into FROM members_member WHERE merged_into IS NOT NULL",
    joined_watches=(TELLING,),
)
_JOINED_ON = "(m.joined_at AT TIME ZONE %(zone)s)::date"

RELATIONS = Declaration(
    traits=(
        Trait(
            "member.days_since_joining",
            _("days since joining"),
            ValueKind.NUMBER,
            f"(%(today)s::date - {_JOINED_ON})",
            unit=Unit.DAYS,
            watches=(TELLING,),
            is_daily=True,
        ),
        Trait(
            "member.birthday_month",
            _("month of birth"),
            ValueKind.NUMBER,
            "extract(month FROM m.birthday)::int",
            watches=(TELLING,),
        ),
        Trait(
            "member.age_years",
            _("age in years"),
            ValueKind.NUMBER,
            "extract(year FROM age(%(today)s::date, m.birthday))::int",
            watches=(TELLING,),
            is_daily=True,
        ),
        Trait(
            "member.language",
            _("language"),
            ValueKind.TEXT,
            "nullif(m.locale, '')",
            watches=(TELLING,),
        ),
        Trait(
            "member.time_zone",
            _("time zone"),
            ValueKind.TEXT,
            "nullif(m.time_zone, '')",
            watches=(TELLING,),
        ),
    ),
    watches=(
        Watch(
            JOINING,
            "SELECT id, id::text FROM members_member WHERE id > %(above)s",
            "SELECT coalesce(max(id), 0) FROM members_member",
        ),
        # By the database's clock and not the teller's: an import stamps all rows with the time it began.
        Watch(
            TELLING,
            "SELECT id, 'told/' || extract(epoch FROM told_anew_at) FROM members_member"
            " WHERE told_anew_at > %(after)s",
        ),
        Watch(
            LEAVING,
            """
            SELECT id, 'erased' FROM members_member WHERE anonymised_at > %(after)s
            UNION ALL
            SELECT side.id, 'merged/' || merge.id FROM members_membermerge merge
            CROSS JOIN LATERAL (VALUES (member_id), (into_member)) AS side (id) WHERE merged_at > %(after)s
            UNION ALL
            SELECT side.id, 'parted/' || merge.id FROM members_membermerge merge
            CROSS JOIN LATERAL (VALUES (member_id), (into_member)) AS side (id) WHERE undone_at > %(after)s
            """,
        ),
    ),
)


def declare_attribute(name: str, label: str, kind: ValueKind | None, key_parameter: str) -> Trait:
    """One of the shop's own attributes as a trait; `key_parameter` names the parameter that holds its key.

    A value of another kind than the one asked for counts as unknown. Without a kind: whatever is there.
    """
    if kind is None:
        value = f"(m.attributes -> %({key_parameter})s)"
        return Trait(name, label, ValueKind.TEXT, value, watches=(TELLING,))
    value = f"m.attributes -> %({key_parameter})s"
    text = f"(m.attributes ->> %({key_parameter})s)"
    kinds = {ValueKind.NUMBER: "number", ValueKind.FLAG: "boolean", ValueKind.TEXT: "string"}
    casts = {ValueKind.NUMBER: "::numeric", ValueKind.FLAG: "::boolean", ValueKind.TEXT: ""}
    sql = f"CASE WHEN jsonb_typeof({value}) = '{kinds[kind]}' THEN {text}{casts[kind]} END"
    return Trait(name, label, kind, sql, watches=(TELLING,))
