"""Whether the tables can be distributed by member, as the catalogue of a database and `_meta` tell.

On Citus a primary key, unique constraint or unique index of a distributed table must contain the column
that distributes it, and a foreign key may join two rows of one member only, or lead to a table that every
node has. The ledger must satisfy that as it stands. Every other table of members must carry the member; which
of their constraints stand in the way is listed here with the reason, and docs/guides/scaling.md says with
which statements they go.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection, models

pytestmark = pytest.mark.django_db

GUIDE = Path(__file__).parents[2] / "docs/guides/scaling.md"
LEDGER = "ledger_"
MEMBER = "member_id"

# Tables that tell nothing of a single member: every node gets a copy of them, or the first node keeps them.
OF_NOBODY = {
    "analytics_behind_list": "which numbers were asked about; the members are in a table of their own",
    "analytics_learning_run": "how good models were, over all members",
    "analytics_learning_setting": "what the shop keeps out of every inference",
    "analytics_lifestyle_theme": "themes in what all members buy",
    "analytics_report": "sums over all members",
    "analytics_retention_setting": "in which stretches of days the shop reads retention: one row",
    "catalogue_codepool": "what rewards offer",
    "catalogue_product": "the shop's catalogue",
    "catalogue_reward": "what rewards offer",
    "design_brandrow": "how the store looks",
    "design_logo": "how the store looks",
    "earning_budget": "counts for the whole programme",
    "identity_apikey": "the shop's systems",
    "identity_operator": "the shop's people",
    "identity_invitation": "who shall be of the shop's people",
    "identity_operatorsession": "where the shop's people are signed in",
    "identity_passkey": "how the shop's people sign in",
    "identity_recoverycode": "how the shop's people sign in",
    "identity_requiredfactor": "how the shop's people sign in",
    "identity_totp": "how the shop's people sign in",
    "identity_savedview": "how the shop's people look at tables",
    "members_registrationrow": "whether whoever likes may join",
    "facts_droppedfile": "files of all members",
    "facts_factschange": "which days a copy brought something of, of all members",
    "facts_factsfile": "files of all members",
    "facts_factsfollower": "how far jobs have followed",
    "facts_factsstate": "how far facts were copied: one row",
    "finance_pointcost": "what a point is reckoned at",
    "finance_storedreport": "sums over all members",
    "recommend_backtest": "comparisons of models",
    "recommend_mark": "what the marketer decides of products",
    "recommend_model": "what was learnt of all members",
    "recommend_popular": "counts of members",
    "recommend_similar": "what was learnt of all members",
    "rules_programmedraft": "the programme that is being worked on: one row",
    "rules_programmeversion": "the programme",
    "segments_position": "how far what happened was read",
    "segments_seenstamp": "what changes many members at once",
    "segments_segment": "definitions of audiences",
    "segments_segmentversion": "definitions of audiences",
    "segments_size": "counts of members",
    "widget_key": "the shop's systems",
    "widget_site": "where the widget is shown",
    "trail_auditentry": "who did what, to any subject",
    "trail_storedanswer": "keys of the shop's systems, whatever they asked about",
}
# Rows that have to do with a member, without a column that says so.
WITHOUT_MEMBER = {
    "catalogue_code": "belongs to a pool until it is drawn; the redemption carries the member and names it",
    "delivery_email": "goes to an address, which may be an operator's",
    "delivery_textmessage": "goes to a number, which is nobody's until its code was entered",
    "identity_joincode": "goes to an address that is no member's yet",
    "identity_throttle": "counts attempts by a hash of whoever tries, before anyone is known",
}
# The member itself: distributed by its own id.
MEMBER_ITSELF = {"members_member": "id"}
# Unique without the member: these must become unique per member, or move to a table of their own, first.
UNIQUE_ELSEWHERE = {
    "activity_event.external_id": "the shop's name for the event, unique over all members",
    "activity_order.external_id": "the shop's name for the order, unique over all members",
    "activity_return.external_id": "the shop's name for the return, unique over all members",
    "earning_award.source_id,source_kind": "an order or event has one award; both belong to one member",
    "earning_reversal.return_id,award_id,currency,award_seq": "once per return; both belong to one member",
    "members_member.external_id": "the shop's name for the member",
    "members_memberidentity.kind,value": "an address or card belongs to one member at most",
    "redemption_redemption.code_id": "a code is given once",
    "redemption_redemption.reference": "what the member shows at the till",
}
# Of the ledger, but of no single wallet.
LEDGER_OF_NOBODY = {
    "ledger_checkpoint": "seals all wallets at once",
    "ledger_reachstep": "counts wallets, and names none",
    "ledger_signing_key": "what checkpoints are signed with",
}


@dataclass(frozen=True, slots=True)
class Unique:
    """A primary key, unique constraint or unique index, with its columns in order."""

    table: str
    is_primary: bool
    columns: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{self.table}.{','.join(self.columns)}"


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A constraint between two tables, as pairs of columns."""

    table: str
    target: str
    columns: tuple[tuple[str, str], ...]


_UNIQUES = """
    SELECT c.relname, i.indisprimary,
        array(SELECT COALESCE(a.attname, pg_get_indexdef(i.indexrelid, k.place::int, true))
            FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k (number, place)
            LEFT JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = k.number AND k.number > 0
            WHERE k.place <= i.indnkeyatts ORDER BY k.place)::text[]
    FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indrelid
    WHERE i.indisunique AND c.relnamespace = current_schema()::regnamespace
    ORDER BY c.relname, i.indexrelid
"""
_FOREIGN_KEYS = """
    SELECT c.relname, t.relname,
        array(SELECT s.attname::text || '=' || f.attname FROM unnest(k.conkey, k.confkey) AS p (mine, theirs)
            JOIN pg_attribute AS s ON s.attrelid = c.oid AND s.attnum = p.mine
            JOIN pg_attribute AS f ON f.attrelid = t.oid AND f.attnum = p.theirs)::text[]
    FROM pg_constraint AS k JOIN pg_class AS c ON c.oid = k.conrelid JOIN pg_class AS t ON t.oid = k.confrelid
    WHERE k.contype = 'f' AND c.relnamespace = current_schema()::regnamespace
"""
_EXCLUSIONS = """
    SELECT c.relname FROM pg_constraint AS k JOIN pg_class AS c ON c.oid = k.conrelid
    WHERE k.contype = 'x' AND c.relnamespace = current_schema()::regnamespace
"""
_COLUMNS = """
    SELECT c.relname, array(SELECT attname::text FROM pg_attribute
        WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped AND (attnotnull OR attname <> 'member_id'))
    FROM pg_class AS c WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace
"""


def _ask(query: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return list(cursor.fetchall())


def list_uniques() -> list[Unique]:
    return [Unique(str(t), bool(p), tuple(c)) for t, p, c in _ask(_UNIQUES)]  # type: ignore[arg-type]


def list_foreign_keys() -> list[ForeignKey]:
    return [
        ForeignKey(str(table), str(target), tuple(tuple(pair.split("=")) for pair in pairs))  # type: ignore[attr-defined]
        for table, target, pairs in _ask(_FOREIGN_KEYS)
    ]


def list_columns() -> dict[str, set[str]]:
    """Columns by table; `member_id` only where it is never null, as Citus asks."""
    return {str(table): set(columns) for table, columns in _ask(_COLUMNS)}  # type: ignore[call-overload]


def ours(columns: dict[str, set[str]]) -> set[str]:
    """The tables of our rooms, whether they have models or not."""
    labels = tuple(f"{c.label}_" for c in apps.get_app_configs() if c.name.startswith("regulars."))
    return {table for table in columns if table.startswith(labels)}


def ledger_offences() -> list[str]:
    """What keeps the ledger's tables from being distributed by member as they stand."""
    columns = list_columns()
    tables = {table for table in ours(columns) if table.startswith(LEDGER)} - LEDGER_OF_NOBODY.keys()
    return [
        *(f"{table} does not carry the member" for table in sorted(tables) if MEMBER not in columns[table]),
        *(
            f"{unique.name} does not lead with the member"
            for unique in list_uniques()
            if unique.table in tables and unique.columns[:1] != (MEMBER,)
        ),
        *(
            f"{key.table} points to {key.target}"
            for key in list_foreign_keys()
            if key.table in tables or key.target in tables
        ),
        *(f"{table} has an exclusion constraint" for (table,) in _ask(_EXCLUSIONS) if table in tables),
    ]


def other_offences() -> list[str]:
    """Tables of members without the member, and constraints across members that are not listed."""
    columns = list_columns()
    by_member = {table for table in ours(columns) if MEMBER in columns[table]} | MEMBER_ITSELF.keys()
    found = [
        f"{table} neither carries the member nor is listed"
        for table in sorted(ours(columns) - by_member - OF_NOBODY.keys() - WITHOUT_MEMBER.keys())
        if not table.startswith(LEDGER)
    ]
    for unique in list_uniques():
        distributor = MEMBER_ITSELF.get(unique.table, MEMBER)
        if unique.table not in by_member or distributor in unique.columns or unique.columns == ("id",):
            continue
        if unique.name not in UNIQUE_ELSEWHERE:
            found.append(f"{unique.name} is unique over all members and not listed")
    found += [
        f"{key.table} points to {key.target}, whose rows may be another member's"
        for key in list_foreign_keys()
        if key.table in by_member and key.target in by_member and not is_within_member(key, columns)
    ]
    return found


def is_within_member(key: ForeignKey, columns: dict[str, set[str]]) -> bool:
    """Whether both rows are surely one member's: a key to the member, or between rows that carry it.

    The latter is kept by the operations that write them; on Citus the constraint takes the member in as well.
    """
    if key.target in MEMBER_ITSELF:
        return key.columns == ((MEMBER, MEMBER_ITSELF[key.target]),)
    return {MEMBER} <= columns[key.table] & columns[key.target]


def test_the_ledger_can_be_distributed_as_it_stands() -> None:
    assert ledger_offences() == []


def test_every_other_table_of_members_carries_the_member() -> None:
    assert other_offences() == []


def test_no_exception_is_listed_that_is_none() -> None:
    columns = list_columns()
    listed = OF_NOBODY.keys() | WITHOUT_MEMBER.keys() | LEDGER_OF_NOBODY.keys()
    assert [table for table in listed & ours(columns) if MEMBER in columns[table]] == []
    assert UNIQUE_ELSEWHERE.keys() - {unique.name for unique in list_uniques()} == set()


def test_the_guide_has_a_place_for_every_table() -> None:
    """docs/guides/scaling.md distributes what carries the member, and names the rest."""
    guide = GUIDE.read_text()
    columns = list_columns()
    for table in sorted(ours(columns)):
        if MEMBER in columns[table] or table in MEMBER_ITSELF:
            column = MEMBER_ITSELF.get(table, MEMBER)
            assert f"create_distributed_table('{table}', '{column}'" in guide, table
        else:
            assert f"create_reference_table('{table}')" in guide or f"`{table}`" in guide, table


def members_models() -> Iterator[type[models.Model]]:
    for model in apps.get_models():
        carries_it = any(field.column == MEMBER for field in model._meta.concrete_fields)
        if carries_it and model.__module__.startswith("regulars."):
            yield model


def test_models_say_what_the_database_says() -> None:
    columns = list_columns()
    said = {model._meta.db_table for model in members_models()}
    found = {table for table in ours(columns) if MEMBER in columns[table]}
    assert said - found == set(), "the member may be null there"
    assert {table for table in found - said if not table.startswith(LEDGER)} == set()


@pytest.mark.parametrize(
    ("statement", "offence"),
    [
        ("CREATE UNIQUE INDEX bad ON ledger_journal (key)", "ledger_journal.key does not lead"),
        ("CREATE UNIQUE INDEX bad ON ledger_wallet (lower(currency))", "does not lead with the member"),
        ("CREATE TABLE ledger_bad (id bigint PRIMARY KEY)", "ledger_bad does not carry the member"),
        ("CREATE TABLE ledger_bad (member_id bigint)", "ledger_bad does not carry the member"),
        (
            "ALTER TABLE ledger_wallet ADD FOREIGN KEY (member_id) REFERENCES members_member (id)",
            "ledger_wallet points to members_member",
        ),
        (
            "ALTER TABLE earning_awaited ADD FOREIGN KEY (member_id, currency) REFERENCES ledger_wallet",
            "earning_awaited points to ledger_wallet",
        ),
    ],
)
def test_what_would_bind_the_ledger_to_one_machine_is_seen(statement: str, offence: str) -> None:
    """Negative control."""
    with connection.cursor() as cursor:
        cursor.execute(statement)
    assert any(offence in found for found in ledger_offences())


@pytest.mark.parametrize(
    ("statement", "offence"),
    [
        ("CREATE TABLE tiers_bad (id bigint PRIMARY KEY)", "tiers_bad neither carries"),
        (
            "CREATE UNIQUE INDEX bad ON tiers_tierchange (occurred_at)",
            "tiers_tierchange.occurred_at is unique",
        ),
        (
            "ALTER TABLE tiers_tierchange ADD friend_id bigint REFERENCES members_member (id)",
            "tiers_tierchange points to members_member",
        ),
    ],
)
def test_what_would_join_members_is_seen(statement: str, offence: str) -> None:
    """Negative control."""
    with connection.cursor() as cursor:
        cursor.execute(statement)
    assert any(offence in found for found in other_offences())
