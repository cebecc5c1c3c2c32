"""By what the rewards on offer can be told apart: for the filters above a list of them."""

from django.contrib.postgres.aggregates import ArrayAgg, StringAgg
from django.db.models import F, Func, Max, Q, TextField, Value

from regulars.catalogue.queries.rewards import shown_to
from regulars.catalogue.types import RewardFacets, Viewer

_BETWEEN = "\x1f"


def find_facets(viewer: Viewer) -> RewardFacets:
    """The categories, tiers and highest price among what the viewer is shown; one query."""
    tiers = Func(F("tiers_allowed"), Value(_BETWEEN), function="array_to_string", output_field=TextField())
    found = shown_to(viewer).aggregate(
        categories=ArrayAgg("category", distinct=True, filter=~Q(category=""), default=Value([])),
        tiers=StringAgg(tiers, delimiter=_BETWEEN, distinct=True, default=Value("")),
        price_max=Max("price_points", default=0),
    )
    return RewardFacets(
        categories=tuple(sorted(found["categories"])),
        tiers=frozenset(tier for tier in found["tiers"].split(_BETWEEN) if tier),
        price_max=found["price_max"],
    )
