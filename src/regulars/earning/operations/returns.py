"""Returns in, points back: the recorded award is reversed, never worked out again."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from regulars.activity import facade as activity
from regulars.activity.facade import RecordedReturn, RecordStatus, ReturnInput
from regulars.earning.details import KeptPosting
from regulars.earning.operations.corrections import list_reversed_by_hand
from regulars.earning.operations.counters import free_counters
from regulars.earning.operations.persons import with_survivors
from regulars.earning.policies import POINTS, take_back
from regulars.earning.queries import AwardRow, find_award_rows, sum_reversals
from regulars.earning.types import ReturnOutcome, SourceKind, SubmitStatus
from regulars.kit.actor import Actor
from regulars.kit.ids import JournalSeq, MemberId
from regulars.ledger import facade as ledger
from regulars.ledger.facade import Currency, Reversal, Shortfall
from regulars.rules import facade as rules
from regulars.rules.facade import UsageKey
from regulars.tiers import facade as tiers

_COPY = """
COPY earning_reversal (
    member_id, award_id, return_id, currency, award_seq, seq, amount, into_debt, waived, recorded_at
) FROM STDIN
"""


@dataclass(frozen=True, slots=True)
class _Taken:
    """What one return took of one posting."""

    row: RecordedReturn
    award: AwardRow
    posting: KeptPosting
    reversal: Reversal


@transaction.atomic(durable=True)
def submit_returns(*, actor: Actor, now: datetime, batch: Sequence[ReturnInput]) -> list[ReturnOutcome]:
    """Record returns and take back what their orders gave for what came back (laws 6 and 14).

    All of the batch in one transaction, each return once; a row that cannot be is refused with its reason
    and stops no other; a repeat answers as the first time did. Points of every wallet go back, and the use
    of caps; tiers are worked out again. What the member has spent is treated as the return policy of the
    version that made the award says.

    Locks, in order: the orders, keys of the new returns, members' tier status, members' points wallets
    (each ascending), counters, budgets.
    """
    rows = activity.record_returns(actor=actor, now=now, batch=batch)
    new = [row for row in rows if row.status is RecordStatus.NEW]
    if new:
        _take_back(actor, now, new)
    return _answer(rows)


def _take_back(actor: Actor, now: datetime, new: Sequence[RecordedReturn]) -> None:
    programme = rules.get_current_programme(now)
    member_ids = with_survivors({row.member_id for row in new if row.member_id is not None})
    tiers.load_standings(member_ids, programme, now)
    ledger.lock_wallets(member_ids, Currency.POINTS)
    awards = find_award_rows(SourceKind.ORDER, {row.order_id for row in new if row.order_id is not None})
    closed = list_reversed_by_hand(list(awards.values()))
    taken: list[_Taken] = []
    freed: list[tuple[MemberId, UsageKey, int]] = []
    for row in new:
        if row.order_id is None:
            continue
        award = awards[row.order_id]
        if award.award_id in closed:
            continue
        postings, usage = take_back(award.kept, row.lines)
        taken += [
            _reverse(actor=actor, now=now, row=row, award=award, posting=posting, amount=amount)
            for posting, amount in postings
        ]
        freed += [(award.member_id, key, amount) for key, amount in usage]
    free_counters(freed)
    _keep(now, taken)
    touched = {one.award.member_id for one in taken if one.posting.currency != POINTS}
    if touched:
        tiers.replay_standings(programme=programme, member_ids=with_survivors(touched), now=now)


def _reverse(
    *,
    actor: Actor,
    now: datetime,
    row: RecordedReturn,
    award: AwardRow,
    posting: KeptPosting,
    amount: int,
) -> _Taken:
    shortfall = Shortfall.DEBT  # nobody spends what qualifies: it goes back whole
    if posting.currency == POINTS:
        policy = rules.get_programme(award.programme_version).returns
        shortfall = Shortfall(policy.shortfall.value)
    reversal = ledger.reverse_earn(
        actor=actor,
        now=now,
        member_id=award.member_id,
        currency=Currency(posting.currency),
        seq=JournalSeq(posting.seq),
        amount=amount,
        key=f"return:{row.return_id}:{posting.seq}",
        source=f"return:{row.return_id}",
        reason="",
        shortfall=shortfall,
        occurred_at=row.occurred_at,
    )
    return _Taken(row, award, posting, reversal)


def _keep(now: datetime, taken: Iterable[_Taken]) -> None:
    with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        for one in taken:
            reversal = one.reversal
            copy.write_row(
                (
                    one.award.member_id,
                    one.award.award_id,
                    one.row.return_id,
                    one.posting.currency,
                    one.posting.seq,
                    reversal.seq,
                    reversal.amount,
                    reversal.into_debt,
                    reversal.waived,
                    now,
                )
            )


def _answer(rows: Sequence[RecordedReturn]) -> list[ReturnOutcome]:
    sums = sum_reversals({row.return_id for row in rows if row.return_id is not None})
    outcomes = []
    for row in rows:
        if row.return_id is None:
            outcomes.append(ReturnOutcome(row.external_id, SubmitStatus.REFUSED, row.refusal))
            continue
        status = SubmitStatus.ACCEPTED if row.status is RecordStatus.NEW else SubmitStatus.REPEATED
        amount, into_debt, waived = sums.get(row.return_id, (0, 0, 0))
        outcomes.append(
            ReturnOutcome(row.external_id, status, None, amount - waived, into_debt, waived, row.return_id)
        )
    return outcomes
