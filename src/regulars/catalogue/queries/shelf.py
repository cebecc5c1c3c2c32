"""What one viewer is shown, whole, in one small query: for pages that look at it from several sides.

What rewards are is kept in the process, by the row version that PostgreSQL itself gives each change (`xmin`
and `ctid`): a change by whatever process makes another key, so what is kept is never shown out of date.
Which rewards there are, for whom and until when, is asked each time.
"""

from collections.abc import Iterable
from typing import ClassVar

from django.db.models.expressions import RawSQL

from regulars.catalogue.policies import judge
from regulars.catalogue.queries.rewards import annotated, to_info, to_view
from regulars.catalogue.types import Availability, CodeState, RewardInfo, RewardState, RewardView, Viewer
from regulars.kit.statements import as_text, fetch_rows

SHELF_MAX = 300
"""More than that is for the database to pick from."""
KEPT_MAX = 4 * SHELF_MAX

# The condition is that of `rewards.shown_to`, for a prepared statement; a test holds the two together.
_SHOWN = f"""
SELECT r.id, r.xmin::text || r.ctid::text,
    r.code_pool_id IS NULL OR EXISTS (
        SELECT FROM catalogue_code c WHERE c.pool_id = r.code_pool_id AND c.state = '{CodeState.FREE.value}'
    )
FROM catalogue_reward r
WHERE (r.active_to IS NULL OR r.active_to > %s::timestamptz)
    AND (NOT r.hidden_from_others OR %s::text = ANY (r.tiers_allowed))
    AND r.published
ORDER BY r.price_points, r.id LIMIT {SHELF_MAX + 1}
"""  # noqa: S608 (constants)_ROW_VERSION = '"catalogue_reward"."xmin"::text || "catalogue_reward"."ctid"::text'

_ROW_VERSION = '"catalogue_reward"."xmin"::text || "catalogue_reward"."ctid"::text'

Known = dict[int, tuple[str, RewardInfo]]


class _Memory:
    """What this process knows. Too much of it is let go of whole; who reads keeps what they began with."""

    known: ClassVar[Known] = {}


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
    known = _Memory.known
    fresh = _load([row[0] for row in rows if known.get(row[0], ("",))[0] != row[1]])
    infos = []
    for number, _mark, has_codes in rows:
        kept = fresh.get(number) or known.get(number)
        if kept is not None:  # None: gone between the two queries
            infos.append((kept[1], has_codes))
    return Shelf(viewer, infos)


def _load(numbers: list[int]) -> Known:
    """Rewards as they are now, each under the version that it was read in."""
    if not numbers:
        return {}
    version = RawSQL(_ROW_VERSION, ())  # noqa: S611 (a constant)
    rows = annotated().annotate(row_version=version).filter(pk__in=numbers)
    fresh = {row.pk: (row.row_version, to_info(row)) for row in rows}
    if len(_Memory.known) + len(fresh) > KEPT_MAX:
        _Memory.known = {}
    _Memory.known.update(fresh)
    return fresh


def _is_short(judged: Availability) -> bool:
    return judged.state is RewardState.SHORT
