"""What one viewer is shown, whole, in one small query: for pages that look at it from several sides.

What rewards are is remembered (`rewards.recall`); which there are, for whom and until when, is asked each
time.
"""

from collections.abc import Iterable

from regulars.catalogue.policies import judge
from regulars.catalogue.queries.rewards import ROW_VERSION, recall, to_view
from regulars.catalogue.types import Availability, CodeState, RewardInfo, RewardState, RewardView, Viewer
from regulars.kit.statements import as_text, fetch_rows

SHELF_MAX = 300
"""More than that is for the database to pick from."""

# The condition is that of `rewards.shown_to`, for a prepared statement; a test holds the two together.
_SHOWN = f"""
SELECT r.id, {ROW_VERSION},
    r.code_pool_id IS NULL OR EXISTS (
        SELECT FROM catalogue_code c WHERE c.pool_id = r.code_pool_id AND c.state = '{CodeState.FREE.value}'
    )
FROM catalogue_reward r
WHERE (r.active_to IS NULL OR r.active_to > %s::timestamptz)
    AND (NOT r.hidden_from_others OR %s::text = ANY (r.tiers_allowed))
    AND r.published
ORDER BY r.price_points, r.id LIMIT {SHELF_MAX + 1}
"""  # noqa: S608 (constants)


class Shelf:
    """Rewards that a viewer is shown, cheapest first, each judged once it is asked for."""

    def __init__(self, viewer: Viewer, rows: Iterable[tuple[RewardInfo, bool]]) -> None:
        self._viewer = viewer
        self._rows = [(info, has_codes, judge(info, viewer, has_codes=has_codes)) for info, has_codes in rows]

    def list_available(self, *, size: int, price_to: int | None = None) -> tuple[RewardView, ...]:
        """What can be had now, dearest first; of what costs no more than `price_to`, where that is given."""
        found = (
            (info, has_codes)
            for info, has_codes, judged in reversed(self._rows)
            if judged.available and (price_to is None or info.decided.price_points <= price_to)
        )
        return self._show(found, size)

    def list_ahead(self, *, size: int) -> tuple[RewardView, ...]:
        """What nothing but points is missing for, nearest first."""
        found = ((info, has_codes) for info, has_codes, judged in self._rows if _is_short(judged))
        return self._show(found, size)

    def list_costs(self) -> dict[int, int]:
        """What a unit of each costs the shop, by id, where that is known. For no member's eyes."""
        told = ((info.id, info.decided.cost) for info, _has_codes, _judged in self._rows)
        return {number: cost for number, cost in told if cost is not None}

    def find(self, code: str) -> RewardView | None:
        """One that is shown, by its code."""
        found = ((info, has_codes) for info, has_codes, _judged in self._rows if info.decided.code == code)
        return next(iter(self._show(found, 1)), None)

    def _show(self, found: Iterable[tuple[RewardInfo, bool]], size: int) -> tuple[RewardView, ...]:
        return tuple(
            to_view(info, self._viewer, has_codes=has_codes)
            for (info, has_codes), _ in zip(found, range(size), strict=False)
        )


def find_shelf(viewer: Viewer) -> Shelf | None:
    """All that the viewer is shown; None where that is more than `SHELF_MAX`.

    One query; a second one for rewards that have changed since this process saw them last.
    """
    rows = fetch_rows(_SHOWN, (as_text(viewer.now), viewer.tier or ""))
    if len(rows) > SHELF_MAX:
        return None
    known = recall((number, version) for number, version, _has_codes in rows)
    # One that is not known went between the two queries.
    infos = [(known[number], has_codes) for number, _version, has_codes in rows if number in known]
    return Shelf(viewer, infos)


def _is_short(judged: Availability) -> bool:
    return judged.state is RewardState.SHORT
