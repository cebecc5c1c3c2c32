"""What the recommender knows of a member, as they read it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from regulars.design.facade import format_points
from regulars.kit.shares import format_share
from regulars.recommend import facade as recommend
from regulars.store.visits import MemberVisit

LIKINGS_SHOWN = 8
RECENT_SHOWN = 30
LIFT_SHOWN = 1.2
"""From here on something is liked more than others like it, and not by chance of rounding."""


@dataclass(frozen=True, slots=True)
class LikingLine:
    """A brand or category, and in a sentence how that is known."""

    name: str
    evidence: str


@dataclass(frozen=True, slots=True)
class JudgedLine:
    """What counts, or does not: all products of one name, which a reader cannot tell apart."""

    name: str
    skus: tuple[str, ...]
    is_forgotten: bool


@dataclass(frozen=True, slots=True)
class TastePage:
    """All of it. `learnt_on`: the last day that was learnt from; None where nothing was."""

    is_personal: bool
    learnt_on: date | None
    brands: tuple[LikingLine, ...]
    categories: tuple[LikingLine, ...]
    interests: tuple[str, ...]
    recent: tuple[JudgedLine, ...]
    forgotten: tuple[JudgedLine, ...]
    hidden: tuple[JudgedLine, ...]
    refused: tuple[JudgedLine, ...]
    """Rewards that are not for them; their codes stand where else the numbers of products do."""

    @property
    def knows_nothing(self) -> bool:
        """Whether there is nothing to show but the switch."""
        return not (self.brands or self.categories or self.recent)


def load_taste(visit: MemberVisit) -> TastePage:
    """What is known of one member; the number of queries does not depend on how much that is."""
    taste = recommend.get_taste(visit.member_id)
    listed = {one.sku for one in taste.recent[:RECENT_SHOWN]}
    said = taste.dismissals
    return TastePage(
        is_personal=taste.is_personal,
        learnt_on=taste.as_of,
        brands=tuple(map(_tell_brand, taste.brands[:LIKINGS_SHOWN])),
        categories=tuple(map(_tell_category, taste.categories[:LIKINGS_SHOWN])),
        interests=taste.interests,
        recent=_join_alike((one.name, one.sku, one.is_forgotten) for one in taste.recent[:RECENT_SHOWN]),
        forgotten=_join_alike(
            (one.name, one.sku, True)
            for one in said
            if one.kind is recommend.DismissalKind.LEARN and one.sku not in listed
        ),
        hidden=_join_alike(
            (one.name, one.sku, False) for one in said if one.kind is recommend.DismissalKind.SHOW
        ),
        refused=_join_alike(
            (one.name, one.sku, False) for one in said if one.kind is recommend.DismissalKind.REWARD
        ),
    )


def _join_alike(rows: Iterable[tuple[str, str, bool]]) -> tuple[JudgedLine, ...]:
    """Rows of name, SKU and whether forgotten, in their order; those of one name and state as one."""
    skus: dict[tuple[str, bool], list[str]] = {}
    for name, sku, is_forgotten in rows:
        skus.setdefault((name, is_forgotten), []).append(sku)
    return tuple(JudgedLine(name, tuple(held), forgotten) for (name, forgotten), held in skus.items())


def _tell_brand(liking: recommend.Liking) -> LikingLine:
    share = format_share(liking.share, 0)
    if liking.lift >= LIFT_SHOWN:
        text = _("%(share)s of what you buy of this kind: more than with others.")
    else:
        text = _("%(share)s of what you buy of this kind.")
    return LikingLine(liking.name, text % {"share": share})


def _tell_category(liking: recommend.Liking) -> LikingLine:
    text = ngettext("In %(orders)s purchase.", "In %(orders)s purchases.", liking.orders)
    return LikingLine(liking.name, text % {"orders": format_points(liking.orders)})
