"""Liability and movements as people read them: rows, a picture, and whether they agree with the ledger."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby, pairwise

from django.utils import formats
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars.design.facade import format_points
from regulars.finance.facade import (
    Expiry,
    ExpiryBucket,
    Holding,
    Liability,
    Movement,
    Movements,
    Position,
    Step,
    Stretch,
    TieOut,
)
from regulars.kit.shares import format_share

STATES: Mapping[str, Promise] = {
    "active": gettext_lazy("Spendable"),
    "pending": gettext_lazy("Pending"),
    "held": gettext_lazy("Held"),
    "debt": gettext_lazy("Owed by members"),
}
_TIE_OUTS: Mapping[str, Promise] = {
    "opening_lots": gettext_lazy("At the beginning: the sum of all entries, and the lots replayed from them"),
    "lots": gettext_lazy("At that instant: the sum of all entries, and the lots replayed from them"),
    "wallets": gettext_lazy("Now: the sum of all entries, and the balances that are stored"),
    "stored": gettext_lazy("Now: the balances that are stored, and the lots that are stored"),
}
_LINES: Mapping[str, Promise] = {
    "earned": gettext_lazy("Earned"),
    "spent": gettext_lazy("Spent"),
    "refunded": gettext_lazy("Given back"),
    "expired": gettext_lazy("Expired"),
    "reversed": gettext_lazy("Taken back with returns"),
    "adjusted_up": gettext_lazy("Adjusted upwards"),
    "adjusted_down": gettext_lazy("Adjusted downwards"),
    "transfer_out": gettext_lazy("Passed on to other members"),
    "transfer_in": gettext_lazy("Received from other members"),
    "merge_out": gettext_lazy("Left with merged members"),
    "merge_in": gettext_lazy("Came with merged members"),
    "activated": gettext_lazy("Pending became spendable"),
    "held": gettext_lazy("Held"),
    "released": gettext_lazy("Held points came back"),
    "repaid": gettext_lazy("Went to what was owed"),
    "reversed_lapsed": gettext_lazy("Taken back after they had lapsed"),
    "restored": gettext_lazy("Moved between lots"),
    "waived": gettext_lazy("Let go"),
    "extended": gettext_lazy("Expiry moved"),
}
_KINDS: Mapping[Expiry, Promise] = {
    Expiry.PAST: gettext_lazy("Past its day"),
    Expiry.NEVER: gettext_lazy("Never expires"),
    Expiry.UNKNOWN: gettext_lazy("Known once it is released"),
}
_SHORT_KINDS: Mapping[Expiry, Promise] = {
    Expiry.PAST: gettext_lazy("Past"),
    Expiry.NEVER: gettext_lazy("Never"),
    Expiry.UNKNOWN: gettext_lazy("Open"),
}
CHART_HEIGHT = 1_000
BAR_STEP, BAR_WIDTH = 100, 68
LABELS_MAX = 14


@dataclass(frozen=True, slots=True)
class Bar:
    """One column of the chart: parts from the foot up, each a state, its upper edge and its height."""

    x: int
    parts: tuple[tuple[str, int, int], ...]
    says: str
    label: str
    year: str
    quiet: bool


@dataclass(frozen=True, slots=True)
class Chart:
    """What lapses when. `ticks` are the figures beside it, from the top down."""

    bars: tuple[Bar, ...]
    ticks: tuple[int, ...]
    width: int
    summary: str
    states: tuple[tuple[str, Promise], ...]


@dataclass(frozen=True, slots=True)
class OwedRow:
    """A line of a liability. `share` is in percent of the whole."""

    name: str
    holding: Holding
    share: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """A tie-out in words: one balance, found in two ways."""

    state: str
    left: int
    right: int
    agrees: bool


Comparisons = tuple[tuple[str, tuple[Comparison, ...]], ...]
"""Which two ways, and each balance found in both."""


@dataclass(frozen=True, slots=True)
class LiabilityPage:
    """`columns` are the states that are not empty, with their names; `rate` is what a point is reckoned at.

    `money` is the currency that points are reckoned in, empty where they are not.
    `entries_sum` and `lots_sum` are two ways to what members have.
    """

    owed: Liability
    money: str
    rate: str
    chart: Chart | None
    by_expiry: tuple[OwedRow, ...]
    by_tier: tuple[OwedRow, ...]
    columns: tuple[tuple[str, Promise], ...]
    comparisons: Comparisons
    entries_sum: int
    lots_sum: int


@dataclass(frozen=True, slots=True)
class MovedRow:
    """A line of a period: changes in the order of the columns."""

    name: str
    entries: int
    points: int
    of_before: int
    changes: tuple[int, ...]
    net: int
    money: int | None


@dataclass(frozen=True, slots=True)
class StretchRow:
    """A day or a month in short: what came, what went, what was left."""

    name: str
    earned: int
    spent: int
    expired: int
    other: int
    closing: int


@dataclass(frozen=True, slots=True)
class MovementsPage:
    """`quiet` are lines that moved no balance."""

    moved: Movements
    money: str
    columns: tuple[tuple[str, Promise], ...]
    opening: MovedRow
    rows: tuple[MovedRow, ...]
    closing: MovedRow
    quiet: tuple[MovedRow, ...]
    stretches: tuple[StretchRow, ...]
    change: int
    comparisons: Comparisons
    entries_sum: int
    lots_sum: int


def show_liability(owed: Liability) -> LiabilityPage:
    """A liability as the page has it."""
    whole = owed.total.claimable
    holdings = [one for _bucket, one in owed.by_expiry] + [one for *_, one in owed.by_tier]
    used = _used(lambda state: any(getattr(one, state) for one in holdings))
    return LiabilityPage(
        owed=owed,
        money=owed.cost.currency if owed.cost else "",
        rate=f"{owed.cost.cost.normalize():f}" if owed.cost else "",
        chart=_draw(owed),
        by_expiry=tuple(
            OwedRow(name_bucket(bucket), one, _share(one.claimable, whole)) for bucket, one in owed.by_expiry
        ),
        by_tier=tuple(
            OwedRow(name or _("No tier"), one, _share(one.claimable, whole))
            for _code, name, one in owed.by_tier
        ),
        columns=tuple(one for one in used if one[0] != "debt") if len(used) > 1 else (),
        comparisons=_compare(owed.tie_outs),
        entries_sum=sum(one.left for one in _kept(owed.tie_outs)),
        lots_sum=sum(one.right for one in _kept(owed.tie_outs)),
    )


def show_movements(moved: Movements, step: Step | None) -> MovementsPage:
    """A period as the page has it."""
    positions = [moved.opening, moved.closing, *(one.change for one in moved.movements)]
    columns = _used(lambda state: any(getattr(one, state) for one in positions))
    states = [state for state, _name in columns]
    moving = [one for one in moved.movements if one.change != Position()]
    quiet = [one for one in moved.movements if one.change == Position()]
    return MovementsPage(
        moved=moved,
        money=moved.cost.currency if moved.cost else "",
        columns=columns,
        opening=_balance(_("Opening"), moved.opening, states, moved.opening_money),
        rows=tuple(_moved(one, states) for one in moving),
        closing=_balance(_("Closing"), moved.closing, states, moved.closing_money),
        quiet=tuple(_moved(one, states) for one in quiet),
        stretches=tuple(_stretch(one, step) for one in moved.stretches),
        change=moved.closing_claimable - moved.opening_claimable,
        comparisons=_compare(moved.tie_outs),
        entries_sum=sum(one.left for one in _kept(moved.tie_outs)),
        lots_sum=sum(one.right for one in _kept(moved.tie_outs)),
    )


def name_bucket(bucket: ExpiryBucket) -> str:
    """“November 2026”, “Never expires”."""
    if bucket.month is None:
        return str(_KINDS[bucket.kind])
    return str(formats.date_format(bucket.month, "YEAR_MONTH_FORMAT"))


def name_line(line: str) -> str:
    """What a line of the report says; a new kind of entry by its own name."""
    return str(_LINES.get(line, line.replace("_", " ").capitalize()))


def _used(is_used: Callable[[str], bool]) -> tuple[tuple[str, Promise], ...]:
    return tuple((state, name) for state, name in STATES.items() if is_used(state))


def _share(part: int, whole: int) -> str:
    if not whole or not part:
        return ""
    tenths = (1000 * part + whole // 2) // whole
    return format_share(tenths / 1000)


def _compare(tie_outs: Sequence[TieOut]) -> Comparisons:
    return tuple(
        (
            str(_TIE_OUTS[what]),
            tuple(Comparison(str(STATES[one.state]), one.left, one.right, one.agrees) for one in group),
        )
        for what, group in groupby(tie_outs, key=lambda one: one.what)
    )


def _kept(tie_outs: Sequence[TieOut]) -> list[TieOut]:
    """Entries against lots at the instant, or the end; without debt, which is not what members have."""
    return [one for one in tie_outs if one.what == "lots" and one.state != "debt"]


def _draw(owed: Liability) -> Chart | None:
    """The claimable points of each month as columns; none where there is nothing."""
    drawn = [(bucket, one) for bucket, one in owed.by_expiry if one.claimable or bucket.month]
    highest = max((one.claimable for _bucket, one in drawn), default=0)
    if highest == 0:
        return None
    top = _round_up(highest)
    buckets = [bucket for bucket, _one in drawn]
    shown = -(-len(buckets) // LABELS_MAX)
    years = [bucket.month.year if bucket.month else 0 for bucket in buckets]
    turns = [True, *(before != after for before, after in pairwise(years))]
    bars = tuple(
        _bar(place, bucket, one, top, is_turn=turn, is_quiet=bool(place % shown))
        for place, ((bucket, one), turn) in enumerate(zip(drawn, turns, strict=True))
    )
    peak = max(drawn, key=lambda pair: pair[1].claimable)
    return Chart(
        bars=bars,
        ticks=(top, top // 2, 0),
        width=len(bars) * BAR_STEP,
        summary=_(
            "%(total)s points by the month in which they lapse; most of them, %(points)s, in %(month)s."
        )
        % {
            "total": format_points(owed.total.claimable),
            "points": format_points(peak[1].claimable),
            "month": name_bucket(peak[0]),
        },
        states=tuple(
            (state, name)
            for state, name in STATES.items()
            if state != "debt" and any(getattr(one, state) for _bucket, one in drawn)
        ),
    )


def _bar(place: int, bucket: ExpiryBucket, one: Holding, top: int, *, is_turn: bool, is_quiet: bool) -> Bar:
    parts, foot = [], CHART_HEIGHT
    for state in ("active", "pending", "held"):
        points = getattr(one, state)
        if points:
            # Whatever is there can be seen.
            height = max(6, points * CHART_HEIGHT // top)
            foot -= height
            parts.append((state, max(0, foot), height))
    return Bar(
        x=place * BAR_STEP + (BAR_STEP - BAR_WIDTH) // 2,
        parts=tuple(parts),
        says=f"{name_bucket(bucket)}: {format_points(one.claimable)}",
        label=_short(bucket.month) if bucket.month else str(_SHORT_KINDS[bucket.kind]),
        year=str(bucket.month.year) if bucket.month and is_turn else "",
        quiet=is_quiet,
    )


def _short(month: date) -> str:
    return str(formats.date_format(month, "M"))


def _round_up(highest: int) -> int:
    """The next figure of the kind 2, 4, 6, 8, 10 × 10^n: half of it is a round one too."""
    unit: int = 10 ** (len(str(highest)) - 1)
    return next(top for top in (2 * unit, 4 * unit, 6 * unit, 8 * unit, 10 * unit) if top >= highest)


def _moved(one: Movement, states: Sequence[str]) -> MovedRow:
    return MovedRow(
        name=name_line(one.line),
        entries=one.entries,
        points=one.points,
        of_before=one.of_before,
        changes=tuple(getattr(one.change, state) for state in states),
        net=one.change.net,
        money=one.money,
    )


def _balance(name: str, position: Position, states: Sequence[str], money: int | None) -> MovedRow:
    changes = tuple(getattr(position, state) for state in states)
    return MovedRow(name, 0, 0, 0, changes, position.net, money)


def _stretch(one: Stretch, step: Step | None) -> StretchRow:
    net = {movement.line: movement.change.net for movement in one.movements}
    earned, expired = net.get("earned", 0), net.get("expired", 0)
    spent = net.get("spent", 0) + net.get("refunded", 0)
    month_format = "YEAR_MONTH_FORMAT" if step is Step.MONTH else "DATE_FORMAT"
    return StretchRow(
        name=str(formats.date_format(one.first_day, month_format)),
        earned=earned,
        spent=spent,
        expired=expired,
        other=sum(net.values()) - earned - spent - expired,
        closing=one.closing.net,
    )
