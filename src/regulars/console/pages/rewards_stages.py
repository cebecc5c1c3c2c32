"""What publishing, withdrawing or putting away a reward does, told before it is done."""

from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from regulars.catalogue import facade as catalogue
from regulars.console.desk import Desk
from regulars.console.pages.rewards_editor import tell_attached
from regulars.design.facade import format_points, format_until
from regulars.ledger import facade as ledger
from regulars.redemption import facade as redemption


@dataclass(frozen=True, slots=True)
class Consequence:
    """One thing that happens, with the name of its icon. `grave`: it should make one think twice."""

    icon: str
    text: str
    grave: bool = False


def tell_offering(desk: Desk, offer: catalogue.Offer) -> list[Consequence]:
    """What publishing does: who sees it, from when, who has the points, and what is missing."""
    reward = offer.info.decided
    told = [_tell_when(desk, reward)]
    reach = ledger.count_reach([reward.price_points], desk.now).members[reward.price_points]
    text = ngettext(
        "%(count)s member has the points for it now.", "%(count)s members have the points for it now.", reach
    )
    told.append(Consequence("users", text % {"count": format_points(reach)}))
    if reward.active_to and reward.active_to <= desk.now:
        told.append(Consequence("calendar-x-2", _("It has ended: nobody will see it."), grave=True))
    if offer.codes_free == 0:
        told.append(Consequence("ticket", _("Its pool has no code left: it will be sold out."), grave=True))
    if offer.units_left == 0:
        told.append(Consequence("package", _("No unit is left: it will be sold out."), grave=True))
    elif offer.units_left is not None:
        text = ngettext("%(count)s unit can be had.", "%(count)s units can be had.", offer.units_left)
        told.append(Consequence("package", text % {"count": format_points(offer.units_left)}))
    missing = _list_missing(reward)
    if missing:
        text = _("Not said in %(languages)s: members read it in its first language there.")
        told.append(Consequence("languages", text % {"languages": ", ".join(missing)}))
    return told


def tell_withdrawing(desk: Desk, offer: catalogue.Offer) -> list[Consequence]:
    """What taking it out of the store does."""
    return [
        Consequence("eye-off", _("Members no longer see it, and nobody can redeem it.")),
        *_tell_attached(desk, offer),
        Consequence("rotate-ccw", _("You can publish it again at any time.")),
    ]


def tell_archiving(desk: Desk, offer: catalogue.Offer) -> list[Consequence]:
    """What putting it away does."""
    told = [Consequence("archive", _("It leaves this list. The filter “Archived” finds it."))]
    if offer.info.decided.published:
        told.append(Consequence("eye-off", _("Members no longer see it, and nobody can redeem it.")))
    return [
        *told,
        *_tell_attached(desk, offer),
        Consequence("rotate-ccw", _("You can fetch it back, as a draft.")),
    ]


def _tell_attached(desk: Desk, offer: catalogue.Offer) -> list[Consequence]:
    attached = redemption.count_attached(offer.info.id, desk.now)
    told = [Consequence("ticket", text, grave=True) for text in tell_attached(attached)]
    if attached.holders:
        told.append(Consequence("shield-check", _("What members hold stays theirs and stays good.")))
    if attached.goals:
        told.append(Consequence("target", _("Who saves for it no longer sees it on their home page.")))
    return told


def _tell_when(desk: Desk, reward: catalogue.RewardInput) -> Consequence:
    if reward.active_from is None or reward.active_from <= desk.now:
        text = _("Members see it at once, and can redeem it.")
    else:
        when = format_until(reward.active_from, desk.now)
        text = _("Members see it at once; it opens %(when)s.") % {"when": when}
    if reward.hidden_from_others:
        text = _("Only members of its tiers see it, at once.")
    return Consequence("eye", text)


def _list_missing(reward: catalogue.RewardInput) -> list[str]:
    """The languages of the store in which the reward has no name."""
    said = {reward.language, *(text.language for text in reward.translations if text.name)}
    return [name for code, name in settings.LANGUAGES if code not in said]
