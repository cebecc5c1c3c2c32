"""Writes of the widget: keys of shops' backends, and the sites that may show it."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Q

from regulars.kit.actor import Actor
from regulars.trail import facade as trail
from regulars.widget.errors import WidgetKeyUnknown
from regulars.widget.models import Key, Site
from regulars.widget.policies import (
    OVERLAP_DEFAULT,
    USE_RECORDED_EVERY,
    check_label,
    make_key_pair,
    make_kid,
    read_origins,
    read_token,
)
from regulars.widget.queries import find_widget_key, list_sites, widget_key
from regulars.widget.types import MemberClaim, WidgetKey

LOCK = 0x574944474554  # WIDGET


@transaction.atomic(durable=True)
def make_widget_key(*, actor: Actor, now: datetime, label: str) -> tuple[WidgetKey, str]:
    """A new key and its private half (PEM), which is shown this once and kept nowhere.

    Locks nothing. Raises WidgetKeyInvalid.
    """
    row, private = _create(check_label(label), now)
    _note(row, "made", actor=actor, now=now)
    return widget_key(row), private


@transaction.atomic(durable=True)
def rotate_widget_key(
    *, actor: Actor, now: datetime, kid: str, overlap: timedelta = OVERLAP_DEFAULT
) -> tuple[WidgetKey, str]:
    """A key in the place of another, which goes on being believed for `overlap` and then no more.

    Locks the old key's row. Raises WidgetKeyUnknown, also where the old one is believed no more.
    """
    old = _lock(kid)
    if not widget_key(old).is_good(now):
        raise WidgetKeyUnknown(f"The key {kid} is at its end already; make a new one.")
    row, private = _create(old.label, now)
    ends_at = now + max(overlap, timedelta())
    old.ends_at = ends_at if old.ends_at is None else min(old.ends_at, ends_at)
    old.save(update_fields=["ends_at"])
    _note(old, "rotated", actor=actor, now=now, by=row.kid, ends_at=old.ends_at.isoformat())
    return widget_key(row), private


@transaction.atomic(durable=True)
def revoke_widget_key(*, actor: Actor, now: datetime, kid: str, reason: str = "") -> WidgetKey:
    """End a key at once: every token that it signed is refused from the next request on.

    Revoking it again changes nothing. Locks the key's row. Raises WidgetKeyUnknown.
    """
    row = _lock(kid)
    if widget_key(row).is_good(now):
        row.ends_at = now
        row.save(update_fields=["ends_at"])
        _note(row, "revoked", actor=actor, now=now, reason=reason)
    return widget_key(row)


@transaction.atomic(durable=True)
def allow_sites(*, actor: Actor, now: datetime, origins: Collection[str]) -> tuple[str, ...]:
    """Say which sites may show the widget: these and no others, from the next request on.

    Locks the list of sites (advisory). Raises OriginInvalid.
    """
    wanted = set(read_origins("\n".join(origins)))
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    before = set(list_sites())
    if wanted != before:
        Site.objects.filter(origin__in=before - wanted).delete()
        Site.objects.bulk_create([Site(origin=origin, added_at=now) for origin in sorted(wanted - before)])
        trail.record_audit(
            actor=actor,
            now=now,
            action="widget.sites_changed",
            subject="widget",
            details={"added": sorted(wanted - before), "removed": sorted(before - wanted)},
        )
    return tuple(sorted(wanted))


def check_token(*, token: str, sites: Collection[str], origin: str | None, now: datetime) -> MemberClaim:
    """The member whom a token names, for a page of `origin` (None: the browser did not say).

    One query; a second one, every ten minutes, notes that the key is in use.
    Raises TokenRefused, TokenExpired.
    """
    found: list[WidgetKey] = []

    def find(kid: str) -> WidgetKey | None:
        key = find_widget_key(kid)
        if key is not None:
            found.append(key)
        return key

    claim = read_token(token, find_key=find, sites=sites, origin=origin, now=now)
    unused_since = now - USE_RECORDED_EVERY
    used_at = found[0].last_used_at
    if used_at is None or used_at <= unused_since:
        due = Q(last_used_at__isnull=True) | Q(last_used_at__lte=unused_since)
        Key.objects.filter(due, kid=claim.kid).update(last_used_at=now)
    return claim


def _create(label: str, now: datetime) -> tuple[Key, str]:
    public, private = make_key_pair()
    return Key.objects.create(kid=make_kid(), label=label, public_key=public, created_at=now), private


def _lock(kid: str) -> Key:
    row = Key.objects.select_for_update().filter(kid=kid).first()
    if row is None:
        raise WidgetKeyUnknown(f"There is no key {kid} of the widget.")
    return row


def _note(row: Key, deed: str, *, actor: Actor, now: datetime, reason: str = "", **details: str) -> None:
    trail.record_audit(
        actor=actor,
        now=now,
        action=f"widget_key.{deed}",
        subject=f"widget_key:{row.kid}",
        details={"label": row.label, **details},
        reason=reason,
    )
