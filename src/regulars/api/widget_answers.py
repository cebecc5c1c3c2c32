"""What the widget on a shop's own pages is told: the shop's look and words, and one member's points."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from regulars.catalogue import facade as catalogue
from regulars.design import facade as design
from regulars.kit.ids import MemberId
from regulars.ledger import facade as ledger
from regulars.redemption import facade as redemption
from regulars.rules import facade as rules

AHEAD_READ = 12  # some of them may be sold out or not for this member
TOKENS = (
    *("primary", "primary-foreground", "pass", "pass-deep", "pass-ink-soft"),
    *("honey", "honey-ink", "background", "card", "border", "muted"),
)


@dataclass(frozen=True, slots=True)
class Page:
    """Where links of an answer lead, and in which language it speaks."""

    request: HttpRequest
    language: str

    def link(self, name: str, *args: str) -> str:
        """A page of the store as a whole address."""
        return self.request.build_absolute_uri(reverse(f"store:{name}", args=args))


def describe_shop(page: Page, programme: rules.Programme) -> dict[str, Any]:
    """Name, colours (each for light and for dark), links and words. One query."""
    brand = design.get_brand()
    shown = design.show_brand(brand, fallback_name=programme.name)
    tokens = design.derive_tokens(shown.main, shown.accent)
    return {
        "language": page.language,
        "name": shown.name,
        "colours": {name: tokens[name] for name in TOKENS},
        "links": {
            "store": page.link("home"),
            "sign_in": page.link("sign_in"),
            "rewards": page.link("rewards"),
            "history": page.link("history"),
        },
        "words": {
            "region": _("%(shop)s: your points") % {"shop": shown.name},
            "invitation": _("Every purchase brings you closer to something you would like to have."),
            "sign_in": _("Sign in"),
            "store": _("Open the store"),
            "how": _("How it works"),
        },
    }


def describe_member(
    page: Page, member_id: MemberId, programme: rules.Programme, now: datetime
) -> dict[str, Any]:
    """One member's points, what they can have now, and the nearest reward beyond that.

    The number of queries does not depend on what there is to tell.
    """
    with timezone.override(programme.time_zone):
        points = ledger.get_balance(member_id, now).active
        viewer = redemption.load_viewer(member_id=member_id, programme=programme, now=now, points=points)
        best, nearest = _find_offers(viewer)
    word = programme.points_name.of(points)
    return {
        "points": points,
        "points_shown": design.format_points(points),
        "points_word": word,
        "now": _describe_reward(page, best) if best else None,
        "nearest": _describe_nearest(page, nearest, points) if nearest else None,
        "words": {
            "balance": _("You have %(points)s %(word)s")
            % {"points": design.format_points(points), "word": word},
            "now": _("Yours to have now"),
            "nearest": _("Next") if best else _("Your first reward"),
            "none": _("Every reward is within your reach.")
            if best
            else _("Keep collecting: rewards will appear here."),
        },
    }


def choose_language(wanted: str) -> str:
    """The language of an answer: that of the page, where it is one of ours, else the browser's."""
    try:
        return translation.get_supported_language_variant(wanted.strip().replace("_", "-"))
    except LookupError:
        return translation.get_language() or "en"


def _find_offers(
    viewer: catalogue.Viewer,
) -> tuple[catalogue.RewardView | None, catalogue.RewardView | None]:
    """The dearest reward that can be had now, and the cheapest that nothing but points is missing for.

    One query where the shelf is of a size to be looked at whole, else two.
    """
    shelf = catalogue.find_shelf(viewer)
    if shelf is not None:
        return _first(shelf.list_available(size=1)), _first(shelf.list_ahead(size=1))
    dearest = catalogue.RewardSort.PRICE_HIGH
    best = catalogue.list_rewards(viewer=viewer, affordable=True, sort=dearest, size=1).items
    dearer = catalogue.list_rewards(viewer=viewer, price_over=viewer.points, size=AHEAD_READ).items
    short = [one for one in dearer if one.availability.state is catalogue.RewardState.SHORT]
    return _first(best), _first(short)


def _first(found: Sequence[catalogue.RewardView]) -> catalogue.RewardView | None:
    return found[0] if found else None


def _describe_reward(page: Page, reward: catalogue.RewardView) -> dict[str, Any]:
    return {
        "name": reward.name,
        "href": page.link("reward", reward.code),
        "price_points": reward.price_points,
    }


def _describe_nearest(page: Page, reward: catalogue.RewardView, points: int) -> dict[str, Any]:
    short = reward.availability.points_short or 0
    return {
        **_describe_reward(page, reward),
        "points_short": short,
        "told": _("%(short)s to go") % {"short": design.format_points(short)},
        "label": _("On the way to %(name)s") % {"name": reward.name},
        "progress": _("%(have)s of %(price)s")
        % {"have": design.format_points(points), "price": design.format_points(reward.price_points)},
    }
