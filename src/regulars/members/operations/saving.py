"""What shops tell of members, saved."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

from django.db import connection, transaction

from regulars.kit.actor import Actor
from regulars.kit.ids import MemberId
from regulars.members.errors import MemberExists, ProfileInvalid
from regulars.members.models import Member
from regulars.members.operations.locking import LOCKS, lock_buckets
from regulars.members.policies import (
    CheckedInput,
    check_input,
    fold,
    list_changes,
    list_identities,
    merge,
)
from regulars.members.queries import profiles_of
from regulars.members.types import IdentityKind, MemberInput, MemberOutcome, MemberProfile, SaveStatus
from regulars.trail import facade as trail

BATCH_MAX = 10_000

_Identity = tuple[str, str]
NO_FIELDS: Sequence[str] = ()

SAVE_SQL = """
INSERT INTO members_member AS m (
    external_id, given_name, family_name, name_key, name_key_reversed, birthday, joined_at, locale, time_zone,
    attributes
)
SELECT external_id, given_name, family_name, name_key, name_key_reversed, birthday, joined_at, locale,
       time_zone, attributes
FROM jsonb_to_recordset(%s::jsonb) AS told (
    external_id text, given_name text, family_name text, name_key text, name_key_reversed text, birthday date,
    joined_at timestamptz, locale text, time_zone text, attributes jsonb
)
ON CONFLICT (external_id) DO UPDATE SET
    given_name = EXCLUDED.given_name, family_name = EXCLUDED.family_name, name_key = EXCLUDED.name_key,
    name_key_reversed = EXCLUDED.name_key_reversed, birthday = EXCLUDED.birthday,
    joined_at = EXCLUDED.joined_at, locale = EXCLUDED.locale, time_zone = EXCLUDED.time_zone,
    attributes = EXCLUDED.attributes, told_anew_at = clock_timestamp()
RETURNING m.external_id, m.id
"""
# A list by points holds who has none yet, too.
FIGURES_SQL = (
    "INSERT INTO members_memberfigures (member_id, points, tier_rank) SELECT unnest(%s::bigint[]), 0, 0"
)
HOLDERS_SQL = """
SELECT held.kind, held.value, coalesce(s.external_id, m.external_id), s.id IS NOT NULL
FROM unnest(%s::text[], %s::text[]) AS wanted (kind, value)
JOIN members_memberidentity held ON held.kind = wanted.kind AND held.value = wanted.value
JOIN members_member m ON m.id = held.member_id
LEFT JOIN members_member s ON s.id = m.merged_into
"""
DROP_SQL = """
DELETE FROM members_memberidentity held USING unnest(%s::text[], %s::text[]) AS gone (kind, value)
WHERE held.kind = gone.kind AND held.value = gone.value
"""
ADD_SQL = """
INSERT INTO members_memberidentity (member_id, kind, value)
SELECT * FROM unnest(%s::bigint[], %s::text[], %s::text[])
"""


@dataclass(slots=True)
class _Save:
    """The batch under way: profiles and holders of identities as they become, row by row.

    What a merged member holds counts as the survivor's: where it is told of the survivor, it moves there.
    """

    loaded: MappingProxyType[str, MemberProfile]
    profiles: dict[str, MemberProfile]
    holders: dict[_Identity, str]
    of_merged: set[_Identity] = field(default_factory=set)
    outcomes: list[MemberOutcome] = field(default_factory=list)


@transaction.atomic(durable=True)
def save_members(*, actor: Actor, now: datetime, batch: Sequence[MemberInput]) -> list[MemberOutcome]:
    """Create or update members by external id; one outcome for each row, in the order of the batch.

    Means the same as saving the rows one after another, but takes a fixed number of statements. A row that
    makes no sense, or whose identity belongs to another member, is refused alone. The same batch
    again changes nothing. Each member created or changed leaves a line in the audit trail.

    Locks, in order: the buckets of all external ids and identities told (ascending), member rows.
    Raises ProfileInvalid for a batch of more than 10,000 rows.
    """
    return save_batch(actor=actor, now=now, batch=batch)


def save_batch(*, actor: Actor, now: datetime, batch: Sequence[MemberInput]) -> list[MemberOutcome]:
    """`save_members` as a step of another operation; RuntimeError outside a transaction."""
    trail.require_transaction()
    if len(batch) > BATCH_MAX:
        raise ProfileInvalid(f"A batch has at most {BATCH_MAX} members; send several.", field="batch")
    rows = [_check(given, now) for given in batch]
    checked = [row for row in rows if isinstance(row, CheckedInput)]
    _lock_identities(checked)
    save = _load(checked)
    for row in rows:
        save.outcomes.append(row if isinstance(row, MemberOutcome) else _save_one(save, row, now))
    ids = _write(save)
    _audit(save, ids, actor, now)
    survivors = {key: profile.merged_into for key, profile in save.loaded.items() if profile.merged_into}
    return [
        outcome
        if outcome.status is SaveStatus.REFUSED
        else MemberOutcome(
            outcome.external_id, outcome.status, survivors.get(outcome.external_id, ids[outcome.external_id])
        )
        for outcome in save.outcomes
    ]


def _check(given: MemberInput, now: datetime) -> CheckedInput | MemberOutcome:
    try:
        return check_input(given, now)
    except ProfileInvalid as refusal:
        return _refused(given.external_id, refusal.code, refusal.detail)


def _lock_identities(rows: Sequence[CheckedInput]) -> None:
    """Whoever saves or erases one of these identities waits: what is read below stays true until the end."""
    keys = {("external", row.external_id) for row in rows}
    keys.update(identity for row in rows for identity in _claims(row))
    lock_buckets({hashlib.sha256(f"{kind}:{value}".encode()).digest()[0] % LOCKS for kind, value in keys})


def _load(rows: Sequence[CheckedInput]) -> _Save:
    wanted = {row.external_id for row in rows}
    loaded = {
        profile.external_id: profile for profile in profiles_of(Member.objects.filter(external_id__in=wanted))
    }
    holders: dict[_Identity, str] = {
        (kind, value): profile.external_id
        for profile in loaded.values()
        for kind, value in list_identities(profile)
    }
    of_merged: set[_Identity] = set()
    claims = sorted({identity for row in rows for identity in _claims(row)} - holders.keys())
    if claims:
        with connection.cursor() as cursor:
            cursor.execute(HOLDERS_SQL, list(_columns(claims)))
            rows_held = cursor.fetchall()
        holders.update({(kind, value): external_id for kind, value, external_id, _merged in rows_held})
        of_merged = {(kind, value) for kind, value, _external_id, merged in rows_held if merged}
    return _Save(MappingProxyType(loaded), dict(loaded), holders, of_merged)


def _save_one(save: _Save, row: CheckedInput, now: datetime) -> MemberOutcome:
    """Apply one row to the batch's state; nothing is written yet."""
    external_id = row.external_id
    before = save.profiles.get(external_id)
    if before is not None and row.only_new:
        return _refused(external_id, MemberExists.code, f"There is a member {external_id} already.")
    profile = before or _blank(external_id, now)
    try:
        after = merge(profile, row)
    except ProfileInvalid as refusal:
        return _refused(external_id, refusal.code, refusal.detail)
    for kind, value in list_identities(after):
        if save.holders.get((kind, value), external_id) != external_id:
            return _refused(external_id, "identity_taken", f"The {kind} {value} belongs to another member.")
    if before is not None and not list_changes(before, after):
        return MemberOutcome(external_id, SaveStatus.UNCHANGED)
    for identity_gone in list_identities(profile):
        save.holders.pop(identity_gone, None)
    save.holders.update(dict.fromkeys(list_identities(after), external_id))
    save.profiles[external_id] = after
    return MemberOutcome(external_id, SaveStatus.CREATED if before is None else SaveStatus.UPDATED)


def _write(save: _Save) -> dict[str, MemberId]:
    """Write what changed; the ids of all members that the batch names."""
    ids = {external_id: profile.id for external_id, profile in save.loaded.items()}
    changed = {key: profile for key, profile in save.profiles.items() if save.loaded.get(key) is not profile}
    if not changed:
        return ids
    with connection.cursor() as cursor:
        cursor.execute(
            SAVE_SQL, [json.dumps([_row(profile) for profile in changed.values()], ensure_ascii=False)]
        )
        ids.update({external_id: MemberId(number) for external_id, number in cursor.fetchall()})
        created = [ids[key] for key in changed if key not in save.loaded]
        if created:
            cursor.execute(FIGURES_SQL, [created])
        old = {i: key for key in changed if key in save.loaded for i in list_identities(save.loaded[key])}
        new = {i: key for key, profile in changed.items() for i in list_identities(profile)}
        gone = [i for i, key in old.items() if new.get(i) != key] + sorted(save.of_merged & new.keys())
        added = [(i, key) for i, key in new.items() if old.get(i) != key]
        if gone:
            cursor.execute(DROP_SQL, list(_columns(gone)))
        if added:
            kinds, values = _columns([i for i, _key in added])
            cursor.execute(ADD_SQL, [[ids[key] for _i, key in added], kinds, values])
    return ids


def _audit(save: _Save, ids: dict[str, MemberId], actor: Actor, now: datetime) -> None:
    notes = []
    for external_id, profile in save.profiles.items():
        before = save.loaded.get(external_id)
        if before is profile:
            continue
        # Names of fields only: the trail is never emptied, so it must not hold who someone was.
        fields = list_changes(before, profile) if before else NO_FIELDS
        notes.append(
            trail.AuditNote(
                action="member.updated" if before else "member.created",
                subject=f"member:{ids[external_id]}",
                details={"fields": list(fields)} if fields else {},
            )
        )
    if notes:
        trail.record_audits(actor=actor, now=now, notes=notes)


def _blank(external_id: str, now: datetime) -> MemberProfile:
    return MemberProfile(
        id=MemberId(0),
        external_id=external_id,
        given_name="",
        family_name="",
        birthday=None,
        joined_at=now,
        locale="",
        time_zone="",
    )


def _row(profile: MemberProfile) -> dict[str, Any]:
    return {
        "external_id": profile.external_id,
        "given_name": profile.given_name,
        "family_name": profile.family_name,
        "name_key": fold(f"{profile.given_name} {profile.family_name}"),
        "name_key_reversed": fold(f"{profile.family_name} {profile.given_name}"),
        "birthday": profile.birthday and profile.birthday.isoformat(),
        "joined_at": profile.joined_at.isoformat(),
        "locale": profile.locale,
        "time_zone": profile.time_zone,
        "attributes": dict(profile.attributes),
    }


def _claims(row: CheckedInput) -> Iterable[_Identity]:
    if row.email:
        yield IdentityKind.EMAIL, row.email
    if row.phone:
        yield IdentityKind.PHONE, row.phone
    for card in row.cards:
        yield IdentityKind.CARD, card


def _columns(pairs: Iterable[_Identity]) -> tuple[list[str], list[str]]:
    listed = list(pairs)
    return [str(kind) for kind, _value in listed], [value for _kind, value in listed]


def _refused(external_id: str, code: str, detail: str) -> MemberOutcome:
    return MemberOutcome(external_id, SaveStatus.REFUSED, code=code, detail=detail)
