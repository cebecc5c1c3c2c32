"""Reports as tables with stable names, for spreadsheets and other programs."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from regulars.finance.policies import make_safe
from regulars.finance.types import Expiry, ExpiryBucket, Holding, Liability, Movement, Movements, Position
from regulars.kit.money import minor_digits

Cell = str | int | Decimal | None


class Breakdown(StrEnum):
    """How a liability is split."""

    EXPIRY = "expiry"
    TIER = "tier"


@dataclass(frozen=True, slots=True)
class Table:
    """A head and rows of it. Whole numbers are points, decimals are money in major units."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def list_liability(liability: Liability, by: Breakdown) -> Table:
    """A row for each month or tier, and the total."""
    currency = liability.cost.currency if liability.cost else ""
    found: Iterable[tuple[str, Holding]] = (
        ((write_bucket(bucket), one) for bucket, one in liability.by_expiry)
        if by is Breakdown.EXPIRY
        else ((code or "none", one) for code, _name, one in liability.by_tier)
    )
    total = liability.total
    return Table(
        (by.value, "claimable", "active", "pending", "held", "due", "debt", "money", "money_currency"),
        tuple(
            (
                *(name, one.claimable, one.active, one.pending, one.held, one.due),
                None if by is Breakdown.EXPIRY and one is not total else one.debt,
                *(_money(one.money, currency), currency),
            )
            for name, one in (*found, ("total", total))
        ),
    )


def list_movements(movements: Movements) -> Table:
    """Opening, every line, closing: the change of each balance. With stretches, those of each."""
    rows: list[tuple[Cell, ...]] = [_balances("opening", movements.opening)]
    for stretch in movements.stretches:
        day = stretch.first_day.isoformat()
        rows += [(*_line(one)[:1], day, *_line(one)[2:]) for one in stretch.movements]
        rows.append(("closing", day, *_balances("", stretch.closing)[2:]))
    if not movements.stretches:
        rows += [_line(one) for one in movements.movements]
    rows.append(_balances("closing", movements.closing))
    columns = ("line", "from", "entries", "points", "of_before", "active", "pending", "held", "debt", "net")
    return Table(columns, tuple(rows))


def write_bucket(bucket: ExpiryBucket) -> str:
    """A month as 2026-11; past, never and unknown by name."""
    return (
        bucket.month.strftime("%Y-%m") if bucket.kind is Expiry.MONTH and bucket.month else bucket.kind.value
    )


def write_csv(table: Table) -> str:
    """UTF-8 text of a CSV file that no spreadsheet runs as formulas."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table.columns)
    for row in table.rows:
        writer.writerow([_safe(cell) for cell in row])
    return text.getvalue()


def _safe(cell: Cell) -> str:
    if isinstance(cell, str):
        return make_safe(cell)
    return "" if cell is None else str(cell)


def _line(one: Movement) -> tuple[Cell, ...]:
    return (one.line, "", one.entries, one.points, one.of_before, *_four(one.change), one.change.net)


def _balances(name: str, position: Position) -> tuple[Cell, ...]:
    return (name, "", None, None, None, *_four(position), position.net)


def _four(position: Position) -> Sequence[int]:
    return (position.active, position.pending, position.held, position.debt)


def _money(minor: int | None, currency: str) -> Decimal | None:
    return None if minor is None else Decimal(minor).scaleb(-minor_digits(currency))
