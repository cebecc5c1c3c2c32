"""Writes of rewards: what is on offer, as an operator decides it."""

import html
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

import nh3
from django.db import transaction

from regulars.catalogue.errors import PoolNotFound, StockBelowTaken
from regulars.catalogue.models import CodePool, Reward
from regulars.catalogue.policies import check_reward
from regulars.catalogue.queries.rewards import find_reward_row, to_info
from regulars.catalogue.types import Picture, PictureSource, RewardInfo, RewardInput
from regulars.kit.actor import Actor
from regulars.kit.fingerprint import fingerprint
from regulars.trail import facade as trail

TAGS = {"p", "br", "strong", "em", "b", "i", "u", "s", "ul", "ol", "li", "a", "h3", "h4", "blockquote"}
ATTRIBUTES = {"a": {"href", "title"}}
SCHEMES = {"https", "http", "mailto"}
_PLAIN = (
    "name", "category", "price_points", "price_money", "stock", "per_member_max", "active_from", "active_to",
    "hidden_from_others", "early_access", "kept_units", "kept_for_rank", "kept_until", "instant",
    "cancellable_for_hours", "refundable_when_fulfilled", "voucher_valid_days", "published", "description",
    "terms",
)  # fmt: skip


@transaction.atomic(durable=True)
def save_reward(*, actor: Actor, now: datetime, reward: RewardInput) -> RewardInfo:
    """Create or change a reward by its code; saving the same again changes nothing.

    Rich text is sanitised here, so that it may be shown as it is stored. Locks the reward.
    Raises RewardInvalid, PoolNotFound, StockBelowTaken. Leaves a line in the audit trail.
    """
    check_reward(reward)
    wanted = replace(
        reward,
        name=reward.name.strip(),
        category=reward.category.strip(),
        description=sanitise(reward.description),
        terms=sanitise(reward.terms),
        picture=reward.picture or Picture(PictureSource.BUILTIN, reward.kind.value),
    )
    pool = _get_pool(wanted.code_pool)
    row = find_reward_row(wanted.code, lock=True)
    created = row is None
    if row is None:
        Reward.objects.bulk_create([_fill(Reward(created_at=now), wanted, pool, now)], ignore_conflicts=True)
        row = find_reward_row(wanted.code, lock=True)
        if row is None:
            raise RuntimeError("A reward that was just written is gone.")
    before = to_info(row)
    if wanted.stock is not None and wanted.stock < row.taken:
        raise StockBelowTaken(
            f"{row.taken} units have been handed out; the stock cannot be {wanted.stock}.", taken=row.taken
        )
    if before.decided != wanted:
        _fill(row, wanted, pool, now).save()
    if created or before.decided != wanted:
        _record(actor, now, before.decided, wanted, created=created)
    return replace(before, decided=wanted, picture=wanted.picture or before.picture)


def sanitise(text: str) -> str:
    """Rich text with nothing in it but what may be shown: no scripts, styles, images or handlers."""
    return nh3.clean(text, tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES).strip()


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
    row.tiers_allowed = list(wanted.tiers_allowed)
    row.picture_source, row.picture_name, row.picture_alt = picture.source.value, picture.name, picture.alt
    row.search_text = _searchable(wanted)
    row.updated_at = now
    return row


def _searchable(wanted: RewardInput) -> str:
    words = html.unescape(nh3.clean(wanted.description.replace("<", " <"), tags=set()))
    return " ".join(f"{wanted.name} {wanted.category} {words}".lower().split())


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
