"""Creating, changing and archiving segments."""

import re
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.db import connection, transaction
from django.utils import translation
from django.utils.text import slugify
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from regulars.kit.actor import Actor
from regulars.segments.builtin import BUILT_IN
from regulars.segments.errors import (
    SegmentChanged,
    SegmentCodeTaken,
    SegmentInUse,
    SegmentInvalid,
    SegmentsInCircle,
)
from regulars.segments.models import Segment, SegmentVersion, Touched
from regulars.segments.operations.retesting import lock_membership
from regulars.segments.queries.loading import Asking, get_row, to_view
from regulars.segments.tree.nodes import list_segments_named
from regulars.segments.types import Cause, SegmentInput, SegmentView
from regulars.trail.facade import record_audit

REBUILD_TASK = "segments.rebuild_soon"
SEGMENTS_MAX = 500
RESERVED = frozenset({"new", "count", "overlap", "preview"})
NAME_LENGTH_MAX = 120
DESCRIPTION_LENGTH_MAX = 500
_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
# Who defines segments by each other takes turns: two at once could close a circle that neither sees.
_LOCK = "SELECT pg_advisory_xact_lock(hashtext('segments.definitions'))"
_LEAVE = """
WITH gone AS (
    DELETE FROM segments_membership WHERE segment_id = %(segment_id)s RETURNING member_id
)
INSERT INTO segments_change (segment_id, member_id, entered, happened_at, version, cause, facts)
SELECT %(segment_id)s, member_id, FALSE, %(at)s, %(version)s, %(cause)s, '{}' FROM gone ORDER BY member_id
"""


@transaction.atomic(durable=True)
def create_segment(*, actor: Actor, now: datetime, told: SegmentInput, built_in: bool = False) -> SegmentView:
    """Keep a new segment; its members are found by the next rebuild, within a minute.

    Locks the definitions of all segments. Raises TreeInvalid, SegmentInvalid, SegmentCodeTaken.
    """
    _lock_definitions()
    asking = Asking(now)
    node = asking.read(told.tree)
    asking.question(node, told.uid or "")
    name = _check_name(told.name)
    if Segment.objects.filter(archived_at__isnull=True).count() >= SEGMENTS_MAX:
        raise SegmentInvalid(
            _("There are %(count)s segments; archive some that nobody uses.") % {"count": SEGMENTS_MAX}
        )
    code = _choose_code(told.code, name)
    if told.uid is not None and Segment.objects.filter(uid=told.uid).exists():
        raise SegmentInvalid(_("This has been saved already; load the page again."))
    row = Segment.objects.create(
        code=code,
        uid=told.uid or uuid4(),
        name=name,
        description=_check_description(told.description),
        built_in=built_in,
        tree=told.tree,
        created_at=now,
        updated_at=now,
        wanted_at=now,
    )
    _keep_version(row, actor, now)
    _audit(actor, now, "segment.created", row)
    app.configure_task(REBUILD_TASK).defer()
    return to_view(row)


@transaction.atomic(durable=True)
def update_segment(
    *,
    actor: Actor,
    now: datetime,
    code: str,
    name: str | None = None,
    description: str | None = None,
    tree: Mapping[str, Any] | None = None,
    expected_version: int | None = None,
    seen_at: datetime | None = None,
) -> SegmentView:
    """Change what is given. A new tree is a new version; its membership comes with the next rebuild.

    Locks the definitions of all segments, the membership, then the row. Raises SegmentNotFound, TreeInvalid,
    SegmentInvalid, SegmentsInCircle; SegmentChanged where the tree's version is not the expected one, or
    anything of the segment was changed since it was seen.
    """
    _lock_definitions()
    row = _lock_row(code)
    _refuse_archived(row)
    is_behind = expected_version is not None and row.version != expected_version
    if is_behind or (seen_at is not None and row.updated_at != seen_at):
        raise SegmentChanged(
            _("Somebody changed “%(name)s” meanwhile; it is at version %(version)s.")
            % {"name": row.name, "version": row.version},
            version=row.version,
        )
    if name is not None:
        row.name = _check_name(name)
    if description is not None:
        row.description = _check_description(description)
    if tree is not None and tree != row.tree:
        asking = Asking(now)
        node = asking.read(tree)
        asking.question(node, row.uid)
        _refuse_circle(row.code, list_segments_named(node), asking)
        row.tree, row.version, row.wanted_at = dict(tree), row.version + 1, now
        row.error, row.failed_at, row.failures = "", None, 0
        _keep_version(row, actor, now)
        app.configure_task(REBUILD_TASK).defer()
    row.updated_at = now
    row.save()
    _audit(actor, now, "segment.changed", row)
    return to_view(row)


@transaction.atomic(durable=True)
def archive_segment(*, actor: Actor, now: datetime, code: str, reason: str = "") -> SegmentView:
    """End a segment: everybody leaves it, its history stays, its code is not used again.

    Locks the definitions, the membership, then the row. Raises SegmentNotFound, SegmentInUse where others
    are defined by it.
    """
    _lock_definitions()
    row = _lock_row(code)
    if row.archived_at is not None:
        return to_view(row)
    if users := _list_users(code):
        raise SegmentInUse(
            _("“%(name)s” is part of %(users)s; change these first.")
            % {"name": row.name, "users": ", ".join(users)},
            segments=users,
        )
    at = max(now, row.changed_at or now)
    with connection.cursor() as cursor:
        cursor.execute(
            _LEAVE,
            {"segment_id": row.pk, "at": at, "version": row.version, "cause": Cause.ARCHIVED.value},
        )
    Touched.objects.filter(segment_id=row.pk).delete()
    row.archived_at, row.changed_at, row.members_count, row.wanted_at = now, at, 0, None
    row.error, row.failed_at = "", None
    row.save()
    _audit(actor, now, "segment.archived", row, reason)
    return to_view(row)


@transaction.atomic(durable=True)
def request_rebuild(*, now: datetime, codes: tuple[str, ...] = ()) -> int:
    """Ask for a rebuild of these segments, or of all; answers of how many. Locks their rows."""
    rows = Segment.objects.filter(archived_at__isnull=True)
    if codes:
        rows = rows.filter(code__in=codes)
    return rows.update(wanted_at=now, failures=0)


@transaction.atomic(durable=True)
def keep_built_in(*, actor: Actor, now: datetime) -> int:
    """Have every built-in segment there with its present tree, unless somebody archived it; how many changed.

    Their trees are ours to improve with a new version; a copy of one is the shop's own.
    """
    _lock_definitions()
    known = {row.code: row for row in Segment.objects.select_for_update().order_by("pk")}
    changed = 0
    for told in BUILT_IN:
        row = known.get(told.code)
        if row is not None and (not row.built_in or row.archived_at or row.tree == told.tree):
            continue
        if row is None:
            row = Segment(code=told.code, uid=uuid4(), built_in=True, created_at=now, version=0)
        with translation.override("en"):
            row.name = str(told.name)
        row.tree, row.version = told.tree, row.version + 1
        row.updated_at = row.wanted_at = now
        row.save()
        _keep_version(row, actor, now)
        changed += 1
    return changed


def forget_facts(member_id: int) -> None:
    """Empty what is known of a member in the history: the entries and exits stay, without the values."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE segments_change SET facts = '{}' WHERE member_id = %s", [member_id])


def _lock_row(code: str) -> Segment:
    """The membership, then the row: whoever changes who is in it is done, and waits."""
    lock_membership(get_row(code).pk)
    return get_row(code, lock=True)


def _lock_definitions() -> None:
    with connection.cursor() as cursor:
        cursor.execute(_LOCK)


def _keep_version(row: Segment, actor: Actor, now: datetime) -> None:
    SegmentVersion.objects.create(
        segment=row, number=row.version, tree=row.tree, recorded_at=now, actor=str(actor)
    )


def _refuse_archived(row: Segment) -> None:
    if row.archived_at is not None:
        raise SegmentInvalid(_("“%(name)s” is archived; make a new segment instead.") % {"name": row.name})


def _refuse_circle(code: str, named: set[str], asking: Asking) -> None:
    """Follow what is named to the end: whoever comes back to where they began stands on nothing."""
    trees = dict(Segment.objects.filter(archived_at__isnull=True).values_list("code", "tree"))
    open_codes, seen = list(named), set[str]()
    while open_codes:
        current = open_codes.pop()
        if current == code:
            raise SegmentsInCircle(
                _("%(code)s would be defined by itself, by way of %(others)s.")
                % {"code": code, "others": ", ".join(sorted(named))},
                segment=code,
            )
        if current not in seen:
            seen.add(current)
            open_codes += list_segments_named(asking.read(trees[current])) if current in trees else []


def _list_users(code: str) -> list[str]:
    """The names of segments that name this one."""
    rows = Segment.objects.filter(archived_at__isnull=True).exclude(code=code)
    return [row.name for row in rows.order_by("name") if code in _named_raw(row.tree)]


def _named_raw(tree: Any) -> set[str]:
    """The segments that a stored tree names, even where it cannot be read any more."""
    if isinstance(tree, Mapping):
        own = {tree["segment"]} if isinstance(tree.get("segment"), str) else set()
        return own.union(*(_named_raw(value) for value in tree.values()))
    if isinstance(tree, list):
        return set().union(*(_named_raw(value) for value in tree))
    return set()


def _check_name(name: str) -> str:
    tidy = " ".join(name.split())
    if not tidy or len(tidy) > NAME_LENGTH_MAX or _UNSTORABLE.search(tidy):
        raise SegmentInvalid(
            _("Give a name of 1 to %(max)s characters.") % {"max": NAME_LENGTH_MAX}, field="name"
        )
    return tidy


def _check_description(description: str) -> str:
    tidy = description.strip()
    if len(tidy) > DESCRIPTION_LENGTH_MAX or _UNSTORABLE.search(tidy):
        raise SegmentInvalid(
            _("Describe it in %(max)s characters at most.") % {"max": DESCRIPTION_LENGTH_MAX},
            field="description",
        )
    return tidy


def _choose_code(code: str, name: str) -> str:
    """The code that was given; otherwise one made of the name."""
    if code:
        if code in RESERVED:
            raise SegmentInvalid(
                _("%(code)s is the name of a page; choose another code.") % {"code": code}, field="code"
            )
        if not _CODE.fullmatch(code):
            raise SegmentInvalid(
                _("A code has small letters, digits and hyphens, 60 at most: big-spenders."), field="code"
            )
        if Segment.objects.filter(code=code).exists():
            raise SegmentCodeTaken(
                _("There is a segment %(code)s already; choose another code.") % {"code": code},
                field="code",
            )
        return code
    base = slugify(name)[:50].strip("-_").replace("_", "-") or "segment"
    made = base
    while made in RESERVED or Segment.objects.filter(code=made).exists():
        made = f"{base}-{secrets.token_hex(2)}"
    return made


def _audit(actor: Actor, now: datetime, action: str, row: Segment, reason: str = "") -> None:
    details = {"code": row.code, "version": row.version}
    record_audit(
        actor=actor, now=now, action=action, subject=f"segment:{row.code}", reason=reason, details=details
    )
