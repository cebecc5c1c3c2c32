"""Writes of rewards: what is on offer, as an operator decides it."""

from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from regulars.catalogue.errors import PoolNotFound, RewardExists, StockBelowTaken
from regulars.catalogue.models import CodePool, Reward
from regulars.catalogue.policies import check_reward, check_unmoved, settle_reward, strip_tags
from regulars.catalogue.queries.rewards import find_reward_row, get_reward_row, to_info
from regulars.catalogue.types import RewardInfo, RewardInput
from regulars.kit.actor import Actor
from regulars.kit.fingerprint import fingerprint
from regulars.kit.statements import fetch_rows
from regulars.trail import facade as trail

_PLAIN = (
    "name", "category", "price_points", "price_money", "cost", "stock", "per_member_max", "active_from",
    "active_to", "hidden_from_others", "early_access", "kept_units", "kept_for_rank", "kept_until", "instant",
    "cancellable_for_hours", "refundable_when_fulfilled", "voucher_valid_days", "published", "description",
    "terms", "language", "archived",
)  # fmt: skip


# A shelf that is filled holds new rewards: whether a code is there need not be asked in Django's way.
_IS_THERE = "SELECT 1 FROM catalogue_reward WHERE code = %s::text"


@transaction.atomic(durable=True)
def save_reward(*, actor: Actor, now: datetime, reward: RewardInput, base: int | None = None) -> RewardInfo:
    """Create or change a reward by its code; saving the same again changes nothing.

    `base` is the version that the change was begun from, 0 for a new reward; None: whatever there is.
    Rich text is sanitised here, so that it may be shown as it is stored. Locks the reward.
    Raises RewardInvalid, PoolNotFound, StockBelowTaken, RewardExists, RewardMoved. Leaves a line in the
    audit trail.
    """
    check_reward(reward)
    wanted = settle_reward(reward)
    pool = _get_pool(wanted.code_pool)
    row = find_reward_row(wanted.code, lock=True) if fetch_rows(_IS_THERE, (wanted.code,)) else None
    created = row is None
    if row is None:
        Reward.objects.bulk_create([_fill(Reward(created_at=now), wanted, pool, now)], ignore_conflicts=True)
        row = find_reward_row(wanted.code, lock=True)
        if row is None:
            raise RuntimeError("A reward that was just written is gone.")
    before = to_info(row)
    # Where two create the same code at once, both come here; the second finds the first one's.
    if base == 0 and (not created or before.decided != wanted):
        raise RewardExists(_("There is a reward of that code already."), reward=wanted.code, field="code")
    if not created:
        check_unmoved(before, base)
    if wanted.stock is not None and wanted.stock < row.taken:
        raise StockBelowTaken(
            _("%(taken)d units have been handed out; the stock cannot be %(stock)d.")
            % {"taken": row.taken, "stock": wanted.stock},
            taken=row.taken,
            field="stock",
        )
    changed = before.decided != wanted
    if changed:
        row.version += 1
        _fill(row, wanted, pool, now).save()
    if created or changed:
        _record(actor, now, before.decided, wanted, created=created)
    return to_info(row)


@transaction.atomic(durable=True)
def offer_reward(*, actor: Actor, now: datetime, code: str, base: int) -> RewardInfo:
    """Publish a reward: from now on members see it, and have it from its opening on.

    Locks the reward. Raises RewardNotFound, RewardMoved, RewardInvalid where it is archived.
    Leaves `reward.published` in the audit trail; no second one where it was published.
    """
    return _move(actor, now, code, base, "reward.published", published=True)


@transaction.atomic(durable=True)
def withdraw_reward(*, actor: Actor, now: datetime, code: str, base: int) -> RewardInfo:
    """Take a reward out of the store. What members hold of it stays theirs.

    Locks the reward. Raises RewardNotFound, RewardMoved. Leaves `reward.withdrawn` in the audit trail.
    """
    return _move(actor, now, code, base, "reward.withdrawn", published=False)


@transaction.atomic(durable=True)
def archive_reward(*, actor: Actor, now: datetime, code: str, base: int) -> RewardInfo:
    """Put a reward away: out of the store, and out of the operators' list. What members hold stays theirs.

    Locks the reward. Raises RewardNotFound, RewardMoved. Leaves `reward.archived` in the audit trail.
    """
    return _move(actor, now, code, base, "reward.archived", published=False, archived=True)


@transaction.atomic(durable=True)
def restore_reward(*, actor: Actor, now: datetime, code: str, base: int) -> RewardInfo:
    """Fetch a reward back from the archive, as a draft.

    Locks the reward. Raises RewardNotFound, RewardMoved. Leaves `reward.restored` in the audit trail.
    """
    return _move(actor, now, code, base, "reward.restored", archived=False)


def _move(actor: Actor, now: datetime, code: str, base: int, action: str, **changes: bool) -> RewardInfo:
    row = get_reward_row(code, lock=True)
    before = to_info(row)
    check_unmoved(before, base)
    wanted = replace(before.decided, **changes)  # type: ignore[arg-type]
    check_reward(wanted)
    if wanted == before.decided:
        return before
    row.published, row.archived = wanted.published, wanted.archived
    row.version, row.updated_at = row.version + 1, now
    row.save(update_fields=["published", "archived", "version", "updated_at"])
    details = {"version": row.version}
    trail.record_audit(actor=actor, now=now, action=action, subject=f"reward:{code}", details=details)
    return to_info(row)


def _get_pool(code: str | None) -> CodePool | None:
    if code is None:
        return None
    pool = CodePool.objects.filter(code=code).first()
    if pool is None:
        raise PoolNotFound(f"There is no code pool “{code}”; create it first.", pool=code)
    return pool


def _fill(row: Reward, wanted: RewardInput, pool: CodePool | None, now: datetime) -> Reward:
    for name in _PLAIN:
        setattr(row, name, getattr(wanted, name))
    picture = wanted.picture
    if picture is None:
        raise RuntimeError("A reward is stored with its picture settled.")
    row.code, row.kind, row.code_pool = wanted.code, wanted.kind.value, pool
    row.translations = {
        text.language: {
            "name": text.name,
            "description": text.description,
            "terms": text.terms,
            "picture_alt": text.picture_alt,
        }
        for text in wanted.translations
    }
    row.tiers_allowed = list(wanted.tiers_allowed)
    row.picture_source, row.picture_name, row.picture_alt = picture.source.value, picture.name, picture.alt
    row.search_text = _searchable(wanted)
    row.updated_at = now
    return row


def _searchable(wanted: RewardInput) -> str:
    said = [(wanted.name, wanted.description), *((t.name, t.description) for t in wanted.translations)]
    words = (f"{name} {strip_tags(description)}" for name, description in said)
    return " ".join(f"{' '.join(words)} {wanted.category}".lower().split())


def _record(actor: Actor, now: datetime, before: RewardInput, wanted: RewardInput, *, created: bool) -> None:
    old, new = _plain(before), _plain(wanted)
    changes = {name: [old[name], value] for name, value in new.items() if old[name] != value}
    details: dict[str, Any] = {"fingerprint": fingerprint(new).hex()} | (
        {} if created else {"changes": changes}
    )
    action = "reward.created" if created else "reward.changed"
    trail.record_audit(actor=actor, now=now, action=action, subject=f"reward:{wanted.code}", details=details)


def _plain(reward: RewardInput) -> dict[str, Any]:
    """The reward as JSON holds it."""
    fields = asdict(reward)
    return {
        name: value.isoformat()
        if isinstance(value, datetime)
        else list(value)
        if isinstance(value, tuple)
        else value
        for name, value in fields.items()
    }
