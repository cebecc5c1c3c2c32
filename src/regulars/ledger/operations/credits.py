"""Points in: earned, activated, carried forward."""

from collections.abc import Sequence
from contextlib import nullcontext
from datetime import datetime

from django.db import connection, transaction

from regulars.kit.actor import Actor
from regulars.kit.ids import JournalSeq, MemberId, ProgrammeVersion
from regulars.kit.statements import Lookup, as_text, fetch_rows
from regulars.ledger.operations.calls import call, read_receipt, refusal, statement
from regulars.ledger.policies import (
    ABSENT,
    SEPARATOR,
    check_amount,
    check_earn,
    check_instants,
    check_key,
    check_reason,
    check_texts,
    fingerprint_earn,
    fingerprint_input,
    write_instant,
)
from regulars.ledger.types import Currency, EarnCommand, Receipt
from regulars.trail.facade import require_transaction

_EARN = statement(
    "ledger_earn",
    *("bigint", "text", "bigint", "timestamptz", "text", "uuid", "timestamptz", "timestamptz", "text"),
    *("boolean", "integer", "text", "text", "text", "timestamptz", "text"),
)
_GIVE = (
    "SELECT given.id, (given.answer).* FROM (SELECT holder.id, ledger_earn(holder.id, %s::text, %s::bigint,"
    " %s::timestamptz, %s::text, %s::uuid, %s::timestamptz, %s::timestamptz, %s::text, %s::boolean,"
    " %s::integer, %s::text, %s::text, %s::text, %s::timestamptz, %s::text) AS answer"
    " FROM ({holder}) AS holder (id) OFFSET 0) AS given"
)
_ACTIVATE = statement(
    "ledger_activate",
    *("bigint", "text", "bigint", "timestamptz", "text", "uuid", "timestamptz", "text", "text", "text"),
    "timestamptz",
)
_EXTEND = statement(
    "ledger_extend", "bigint", "text", "timestamptz", "text", "uuid", "text", "text", "timestamptz"
)
_LOCK = "SELECT true FROM (SELECT ledger_lock(%s::bigint[], %s::text[])) AS locked"
_TEXTS = f"string_to_array(%s, '{SEPARATOR}', '{ABSENT}')"
_INSTANTS = "%s::timestamptz[]"
_EARN_BATCH = (
    "SELECT * FROM ledger_earn_batch("  # noqa: S608 (only constants of this package)
    f"%s::bigint[], {_TEXTS}, %s::bigint[], {_INSTANTS}, {_TEXTS}, %s::uuid[], {_INSTANTS}, {_INSTANTS},"
    f" {_TEXTS}, %s::boolean[], %s::integer[], {_TEXTS}, {_TEXTS}, %s::text, %s::timestamptz)"
)


def earn(*, actor: Actor, now: datetime, command: EarnCommand) -> Receipt:
    """Credit a wallet: active at once, or pending. Debt is repaid first, by an entry of its own.

    Locks: the wallet. Raises InvalidPosting, IdempotencyConflict; RuntimeError outside a transaction.
    """
    require_transaction()
    check_earn(command)
    instants = map(write_instant, (command.occurred_at, command.expires_at, command.activates_at))
    row = call(
        _EARN,
        (
            *(command.member_id, command.currency, command.amount, command.occurred_at, command.key),
            *(fingerprint_earn(command, *instants), command.expires_at, command.activates_at, command.awaits),
            *(command.sliding, command.programme_version, command.rule, command.source, actor, now, ""),
        ),
    )
    return read_receipt(
        row, member_id=command.member_id, currency=command.currency, asked=command.amount, key=command.key
    )


def give_points(
    *,
    actor: Actor,
    now: datetime,
    holder: Lookup,
    amount: int,
    key: str,
    reason: str,
    asked: Sequence[object],
    expires_at: datetime | None = None,
    sliding: bool = False,
    programme_version: ProgrammeVersion | None = None,
    source: str = "",
) -> Receipt | None:
    """Credit the points wallet of whom `holder` finds, as one statement that is a transaction of its own.

    None where it finds nobody. `asked` is what the key stands for: what the caller was told, without terms
    that follow from the present time or programme, which a repeated request may meet changed. Locks: the
    wallet. Raises InvalidPosting, IdempotencyConflict; RuntimeError inside a transaction.
    """
    check_amount(amount)
    check_key(key)
    check_reason(reason)
    check_texts(key, reason, source)
    check_instants(now, expires_at)
    at = as_text(now)
    values = (
        *(Currency.POINTS, str(amount), at, key, fingerprint_input("give", *asked)),
        *(as_text(expires_at), None, None, "true" if sliding else "false", as_text(programme_version)),
        *("", source, str(actor), at, reason, holder.value),
    )
    # Without BEGIN and COMMIT it is a third of the round trips; a durable block says where it must not stand.
    with transaction.atomic(durable=True) if connection.in_atomic_block else nullcontext():
        found = fetch_rows(_GIVE.format(holder=holder.text), values)
    if not found:
        return None
    member_id, *row = found[0]
    return read_receipt(
        tuple(row), member_id=MemberId(member_id), currency=Currency.POINTS, asked=amount, key=key
    )


def earn_batch(*, actor: Actor, now: datetime, commands: Sequence[EarnCommand]) -> list[Receipt]:
    """Credit many wallets at once; receipts stand in the order of the commands.

    The effect is that of `earn` for each in turn, but all or nothing: where one key was used with other
    input, nothing is posted. A command whose key repeats an earlier one of the batch is a replay of it.

    Locks: all wallets named, ascending. Raises InvalidPosting, IdempotencyConflict; RuntimeError outside
    a transaction.
    """
    require_transaction()
    prints, instants = _prepare(commands)
    first: dict[tuple[int, str, str], int] = {}
    twins: dict[int, int] = {}
    for place, command in enumerate(commands):
        earlier = first.setdefault((command.member_id, command.currency, command.key), place)
        if earlier != place:
            if prints[earlier] != prints[place]:
                raise refusal("conflict", left=0, asked=command.amount, key=command.key)
            twins[place] = earlier
    if not twins:
        return _post_batch(commands, prints, instants, actor, now) if commands else []
    places = list(first.values())
    posted = _post_batch(
        [commands[place] for place in places],
        [prints[place] for place in places],
        [instants[place] for place in places],
        *(actor, now),
    )
    receipts = dict(zip(places, posted, strict=True))
    for place, earlier in twins.items():
        receipts[place] = _replayed(receipts[earlier])
    return [receipts[place] for place in range(len(commands))]


def _prepare(commands: Sequence[EarnCommand]) -> tuple[list[str], list[tuple[str, str, str]]]:
    """The fingerprint of each command, and its three instants as text."""
    prints, instants = [], []
    for command in commands:
        check_earn(command)
        texts = (
            write_instant(command.occurred_at),
            write_instant(command.expires_at),
            write_instant(command.activates_at),
        )
        instants.append(texts)
        prints.append(fingerprint_earn(command, *texts))
    return prints, instants


def _post_batch(
    commands: Sequence[EarnCommand],
    prints: Sequence[str],
    instants: Sequence[tuple[str, str, str]],
    actor: Actor,
    now: datetime,
) -> list[Receipt]:
    occurred_at, expires_at, activates_at = zip(*instants, strict=True)
    conflict, seqs, balances, debts, replayed = call(
        _EARN_BATCH,
        (
            _array([command.member_id for command in commands]),
            SEPARATOR.join([command.currency for command in commands]),
            _array([command.amount for command in commands]),
            _array(occurred_at),
            SEPARATOR.join([command.key for command in commands]),
            *(_array(prints), _array(expires_at), _array(activates_at)),
            SEPARATOR.join([ABSENT if command.awaits is None else command.awaits for command in commands]),
            _array([command.sliding for command in commands]),
            _array(["NULL" if (v := command.programme_version) is None else v for command in commands]),
            SEPARATOR.join([command.rule for command in commands]),
            SEPARATOR.join([command.source for command in commands]),
            *(actor, now),
        ),
    )
    if conflict is not None:
        refused = commands[conflict - 1]
        raise refusal("conflict", left=0, asked=refused.amount, key=refused.key)
    return [
        Receipt(c.member_id, c.currency, seq, c.amount, balance, debt, again)
        for c, seq, balance, debt, again in zip(commands, seqs, balances, debts, replayed, strict=True)
    ]


def _array(values: Sequence[object]) -> str:
    return "{" + ",".join(map(str, values)) + "}"


def _replayed(receipt: Receipt) -> Receipt:
    return Receipt(
        *(receipt.member_id, receipt.currency, receipt.seq, receipt.amount),
        *(receipt.balance_after, receipt.debt_after, True),
    )


def activate(
    *,
    actor: Actor,
    now: datetime,
    member_id: MemberId,
    seq: JournalSeq,
    expires_at: datetime | None,
    key: str,
    source: str,
    reason: str = "",
    currency: Currency = Currency.POINTS,
    occurred_at: datetime | None = None,
) -> Receipt:
    """Make a pending credit active, because what it waited for happened (at `occurred_at`, else now).

    Its validity begins here: it lapses at `expires_at`, None never. Debt is repaid first.
    Locks: the wallet. Raises InvalidPosting, EntryNotFound, NotPending, IdempotencyConflict; RuntimeError
    outside a transaction.
    """
    require_transaction()
    check_key(key)
    check_texts(key, source, reason)
    check_instants(expires_at, occurred_at, now)
    print_ = fingerprint_input("activate", seq, source)
    row = call(
        _ACTIVATE,
        (member_id, currency, seq, expires_at, key, print_, occurred_at or now, source, reason, actor, now),
    )
    return read_receipt(row, member_id=member_id, currency=currency, asked=0, key=key)


def extend_sliding(
    *,
    actor: Actor,
    now: datetime,
    member_id: MemberId,
    currency: Currency,
    until: datetime,
    key: str,
    source: str = "",
) -> Receipt | None:
    """Carry the expiry of the wallet's sliding lots forward to `until`: open, pending and held ones.

    None where no lot would live longer by it; then nothing is recorded. What is already due lapses first.
    Locks: the wallet. Raises InvalidPosting, IdempotencyConflict; RuntimeError outside a transaction.
    """
    require_transaction()
    check_key(key)
    check_texts(key, source)
    check_instants(until, now)
    print_ = fingerprint_input("extend", until, source)
    row = call(_EXTEND, (member_id, currency, until, key, print_, source, actor, now))
    if row[0] == "unchanged":
        return None
    return read_receipt(row, member_id=member_id, currency=currency, asked=0, key=key)


def lock_wallets(member_ids: Sequence[MemberId], currency: Currency) -> None:
    """Lock wallets in ascending order until the transaction ends, making those that are missing.

    For operations that post to several members: lock first, then post in any order. RuntimeError outside
    a transaction.
    """
    require_transaction()
    call(_LOCK, (_array(member_ids), _array([currency] * len(member_ids))))
