"""Rewards in the member's words: their kinds, and what there is to know before one takes it."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from regulars.catalogue.types import RewardKind, RewardView
from regulars.design.facade import format_until


@dataclass(frozen=True, slots=True)
class RewardFact:
    """One thing to know, with the name of its icon."""

    icon: str
    text: str


def name_kind(kind: RewardKind) -> str:
    """A kind in the member's words."""
    return {
        RewardKind.GOODS: _("To take home"),
        RewardKind.VOUCHER: _("Vouchers"),
        RewardKind.DISCOUNT: _("Discounts"),
        RewardKind.GIFT_CARD: _("Gift cards"),
        RewardKind.FREE_SHIPPING: _("Delivery"),
        RewardKind.PARTNER: _("Experiences"),
        RewardKind.DONATION: _("Donations"),
    }[kind]


def list_facts(reward: RewardView, now: datetime) -> tuple[RewardFact, ...]:
    """What is left, how many one may have, how long it is good, until when it can be had."""
    facts = []
    if reward.units_left is not None and reward.units_left > 0:
        text = ngettext("%(left)d left", "%(left)d left", reward.units_left) % {"left": reward.units_left}
        facts.append(RewardFact("package", text))
    if reward.per_member_max is not None:
        text = ngettext("%(most)d for each member", "%(most)d for each member", reward.per_member_max)
        facts.append(RewardFact("user-round", text % {"most": reward.per_member_max}))
    if reward.voucher_valid_days is not None:
        text = ngettext(
            "Good for %(days)d day after you redeem it",
            "Good for %(days)d days after you redeem it",
            reward.voucher_valid_days,
        )
        facts.append(RewardFact("clock", text % {"days": reward.voucher_valid_days}))
    if reward.cancellable_for_hours:
        text = ngettext(
            "You can take it back within %(hours)d hour",
            "You can take it back within %(hours)d hours",
            reward.cancellable_for_hours,
        )
        facts.append(RewardFact("undo-2", text % {"hours": reward.cancellable_for_hours}))
    if reward.active_to is not None:
        text = _("Offered until %(day)s") % {"day": format_until(reward.active_to, now)}
        facts.append(RewardFact("calendar-clock", text))
    return tuple(facts)
