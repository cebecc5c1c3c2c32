"""An award taken back by hand: what fraud, a mistake at the till or a withdrawn review calls for."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from regulars.activity import facade as activity
from regulars.activity.facade import OrderDetail, ReturnedLine
from regulars.earning import models
from regulars.earning.details import KeptPosting
from regulars.earning.errors import NothingLeft, ReasonNeeded, UnknownAward
from regulars.earning.operations.counters import free_counters
from regulars.earning.operations.persons import with_survivors
from regulars.earning.policies import POINTS, take_back
from regulars.earning.queries import AwardRow, find_award_rows
from regulars.earning.types import Correction, Source, SourceKind
from regulars.kit.actor import Actor
from regulars.kit.ids import JournalSeq, MemberId, OrderId
from regulars.ledger import facade as ledger
from regulars.ledger.facade import Currency, Reversal, Shortfall
from regulars.rules import facade as rules
from regulars.rules.facade import UsageKey
from regulars.tiers import facade as tiers
from regulars.trail import facade as trail


@transaction.atomic(durable=True)
def reverse_award(*, actor: Actor, now: datetime, source: Source, reason: str) -> Correction:
    """Take back all that is left of what one order or event gave, in every wallet, with its use of caps.

    What the member has spent is treated as the return policy of the version that made the award says;
    the tier is worked out again (laws 6 and 14). An award is taken back by hand once: asked again, the
    first answer is given. Goods that come back later find nothing more to take. Writes an audit line.

    Locks, in order: the member's tier status, the member's points wallet, counters, budgets.
    Raises ReasonNeeded, UnknownAward, NothingLeft.
    """
    if not reason.strip():
        raise ReasonNeeded("Say why it is taken back.", field="reason")
    award = _find_award(source)
    programme = rules.get_current_programme(now)
    person = with_survivors([award.member_id])
    tiers.load_standings(person, programme, now)
    ledger.lock_wallets(person, Currency.POINTS)
    earlier = list(models.Reversal.objects.filter(award_id=award.award_id))
    by_hand = [row for row in earlier if row.return_id is None]
    if by_hand:
        return _answer(award, by_hand, replayed=True)
    left = [(posting, posting.amount - _gone(posting, earlier)) for posting in award.kept.postings]
    if not any(amount for _posting, amount in left):
        raise NothingLeft("All that this gave was taken back before.", source=str(source))
    taken = [
        _reverse(
            actor=actor, now=now, source=source, award=award, posting=posting, amount=amount, reason=reason
        )
        for posting, amount in left
        if amount
    ]
    models.Reversal.objects.bulk_create(taken)
    free_counters(_usage_left(source, award))
    if any(row.currency != POINTS for row in taken):
        tiers.replay_standings(programme=programme, member_ids=person, now=now)
    outcome = _answer(award, taken, replayed=False)
    trail.record_audit(
        actor=actor,
        now=now,
        action="award.reversed",
        subject=f"member:{award.member_id}",
        reason=reason.strip(),
        details={"source": str(source), "points": outcome.points, "waived": outcome.waived},
    )
    return outcome


def list_reversed_by_hand(awards: Sequence[AwardRow]) -> set[int]:
    """Which of these awards were taken back by hand: a return finds nothing of them. One query."""
    rows = models.Reversal.objects.filter(
        award_id__in=[award.award_id for award in awards], return_id__isnull=True
    )
    return set(rows.values_list("award_id", flat=True))


def _find_award(source: Source) -> AwardRow:
    rows = {} if source.kind is SourceKind.RETURN else find_award_rows(source.kind, [source.id])
    if source.id not in rows:
        raise UnknownAward("Nothing was awarded for that.", source=str(source))
    return rows[source.id]


def _gone(posting: KeptPosting, reversals: Sequence[models.Reversal]) -> int:
    return sum(
        row.amount for row in reversals if (row.currency, row.award_seq) == (posting.currency, posting.seq)
    )


def _reverse(
    *,
    actor: Actor,
    now: datetime,
    source: Source,
    award: AwardRow,
    posting: KeptPosting,
    amount: int,
    reason: str,
) -> models.Reversal:
    shortfall = Shortfall.DEBT  # nobody spends what qualifies: it goes back whole
    if posting.currency == POINTS:
        shortfall = Shortfall(rules.get_programme(award.programme_version).returns.shortfall.value)
    reversal: Reversal = ledger.reverse_earn(
        actor=actor,
        now=now,
        member_id=award.member_id,
        currency=Currency(posting.currency),
        seq=JournalSeq(posting.seq),
        amount=amount,
        key=f"award:{award.award_id}:{posting.seq}:by_hand",
        source=str(source),
        reason=reason.strip(),
        shortfall=shortfall,
    )
    return models.Reversal(
        member_id=award.member_id,
        award_id=award.award_id,
        return_id=None,
        currency=posting.currency,
        award_seq=posting.seq,
        seq=reversal.seq,
        amount=reversal.amount,
        into_debt=reversal.into_debt,
        waived=reversal.waived,
        recorded_at=now,
    )


def _usage_left(source: Source, award: AwardRow) -> list[tuple[MemberId, UsageKey, int]]:
    """What of the award's use of caps has not been freed by returns yet."""
    usage: Sequence[tuple[UsageKey, int]] = award.kept.usage
    if source.kind is SourceKind.ORDER:
        _postings, usage = take_back(award.kept, _lines_left(activity.get_order(OrderId(source.id))))
    return [(award.member_id, key, amount) for key, amount in usage]


def _lines_left(detail: OrderDetail) -> list[ReturnedLine]:
    """The order's lines as though all that is still with the member came back now.

    A line of no quantity and no amount that was returned before is left out: nothing else tells that it was.
    """
    returns = activity.list_returns(order_id=detail.order.id)
    touched = {line_no for one in returns for line_no, _quantity, _amount in one.lines}
    return [
        ReturnedLine(
            line_no=line.line_no,
            bought_quantity=line.quantity,
            bought_amount=line.amount,
            quantity_before=line.returned_quantity,
            amount_before=line.returned_amount,
            quantity=line.quantity - line.returned_quantity,
            amount=line.amount - line.returned_amount,
        )
        for line in detail.lines
        if line.quantity or line.amount or line.line_no not in touched
    ]


def _answer(award: AwardRow, rows: Sequence[models.Reversal], *, replayed: bool) -> Correction:
    points = [row for row in rows if row.currency == POINTS]
    return Correction(
        award_id=award.award_id,
        member_id=award.member_id,
        points=sum(row.amount - row.waived for row in points),
        into_debt=sum(row.into_debt for row in points),
        waived=sum(row.waived for row in points),
        replayed=replayed,
    )
