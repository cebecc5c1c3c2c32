"""The page of one entry, and of one order: everything that explains it."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from regulars.activity import facade as activity
from regulars.activity.facade import OrderDetail, OrderLine
from regulars.catalogue import facade as catalogue
from regulars.console.pages.entries import EntryRow, name_account, name_award, name_kind, read_rows
from regulars.console.pages.people import Named, name_actors, parse_actor
from regulars.earning import facade as earning
from regulars.earning.facade import AwardView, Source, SourceKind
from regulars.kit.errors import NotFound
from regulars.kit.ids import JournalSeq, LotId, MemberId, OrderId
from regulars.ledger import facade as ledger
from regulars.ledger.facade import Currency, EntryKind

POINTS = Currency.POINTS.value


class NoSuchEntry(NotFound):
    """The address names a wallet that there is not."""

    code = "entry_not_found"


@dataclass(frozen=True, slots=True)
class Reversible:
    """What could still be taken back: spendable points of the award, and what of them."""

    source: Source
    left: int


@dataclass(frozen=True, slots=True)
class EntryPage:
    """One entry with the lots it touched and the award behind it."""

    row: EntryRow
    kind: str
    debit: str
    credit: str
    source: str
    by: Named
    lots: tuple[tuple[LotId, int], ...]
    refers_to: EntryRow | None
    reversible: Reversible | None


@dataclass(frozen=True, slots=True)
class LineRow:
    """One line of an order: what was bought, what it brought, what has come back."""

    line: OrderLine
    name: str
    points: int


@dataclass(frozen=True, slots=True)
class OrderPage:
    """An order with what each of its lines brought."""

    detail: OrderDetail
    lines: tuple[LineRow, ...]
    award: AwardView | None
    reversible: Reversible | None


def read_entry(member_id: MemberId, currency: str, seq: int) -> EntryPage:
    """One entry of a wallet. Raises NoSuchEntry, EntryNotFound."""
    if currency not in set(Currency):
        raise NoSuchEntry("There is no such wallet.")
    entry = ledger.get_entry(member_id, Currency(currency), JournalSeq(seq))
    (row,) = read_rows([entry])
    refers_to = None
    if entry.refers_to is not None:
        (refers_to,) = read_rows([ledger.get_entry(member_id, entry.currency, entry.refers_to)])
    earned = entry.kind is EntryKind.EARN and entry.currency is Currency.POINTS
    return EntryPage(
        row=row,
        kind=name_kind(entry.kind),
        debit=name_account(entry.debit),
        credit=name_account(entry.credit),
        source=_name_source(row),
        by=_name_actor(entry.actor),
        lots=entry.allocations,
        refers_to=refers_to,
        reversible=_reversible(row.award) if earned else None,
    )


def _name_source(row: EntryRow) -> str:
    if row.award is not None:
        return name_award(row.award)
    kind, _colon, number = row.entry.source.partition(":")
    return _("Redemption %(number)s") % {"number": number} if kind == "redemption" else row.entry.source


def _name_actor(text: str) -> Named:
    actor = parse_actor(text)
    return name_actors([actor])[actor] if actor else Named(text)


def read_order(order_id: OrderId) -> OrderPage:
    """One order, line by line. Raises UnknownOrder."""
    detail = activity.get_order(order_id)
    source = Source(SourceKind.ORDER, order_id)
    award = earning.explain_sources([source]).get(source)
    products = catalogue.find_products([line.sku for line in detail.lines])
    brought = _points_by_line([award] if award else [])
    lines = tuple(
        LineRow(
            line, products[line.sku].name if line.sku in products else line.sku, brought.get(line.line_no, 0)
        )
        for line in detail.lines
    )
    return OrderPage(detail, lines, award, _reversible(award))


def find_reversible(source: Source) -> tuple[AwardView, Reversible | None]:
    """An award and what could still be taken back of it. Raises UnknownAward."""
    award = earning.explain_award(source)
    return award, _reversible(award)


def _reversible(award: AwardView | None) -> Reversible | None:
    if award is None or award.source.kind is SourceKind.RETURN:
        return None
    # What was waived may be kept: it is neither back nor to be taken again.
    left = sum(one.amount for one in award.postings if one.currency == POINTS)
    left -= sum(one.amount for one in award.reversals if one.currency == POINTS)
    return Reversible(award.source, left) if left else None


def _points_by_line(awards: Iterable[AwardView]) -> dict[int, int]:
    found: dict[int, int] = {}
    for award in awards:
        for posting in award.postings:
            if posting.currency == POINTS:
                for share in (share for part in posting.parts for share in part.shares):
                    found[share.line_no] = found.get(share.line_no, 0) + share.points
    return found
