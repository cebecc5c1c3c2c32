"""Statements and rows of checkpoints, checked offline against a public key. Every answer is in words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from regulars.proofs.documents import STATEMENT_FORMAT, Fields, read_checkpoint, read_entry, read_key
from regulars.proofs.encoding import encode_checkpoint, hash_checkpoint, link_entry
from regulars.proofs.keys import KeyRing, is_signed
from regulars.proofs.merkle import climb, hash_leaf
from regulars.proofs.types import HASH_BYTES, Checkpoint, Finding, Leaf, PublicKey, SealedEntry

NOTHING = bytes(HASH_BYTES)
"""What the first checkpoint names as the one before it."""


@dataclass(frozen=True, slots=True)
class WalletStatement:
    """One wallet of a statement: what is sealed, the way to the root, and what came later."""

    currency: str
    start: bytes
    leaf: int | None
    path: tuple[bytes, ...]
    entries: tuple[SealedEntry, ...]
    later: tuple[SealedEntry, ...]

    @property
    def links(self) -> list[bytes]:
        """The links of the sealed entries, recomputed."""
        links, before = [], self.start
        for entry in self.entries:
            before = link_entry(before, entry)
            links.append(before)
        return links


@dataclass(frozen=True, slots=True)
class Statement:
    """What a member downloaded. Without a checkpoint nothing in it is proven."""

    member_id: int
    checkpoint: Checkpoint | None
    keys: tuple[PublicKey, ...]
    wallets: tuple[WalletStatement, ...]


def read_statement(document: object) -> Statement:
    """A statement from its JSON form. Raises DocumentUnusable."""
    told = Fields(document, "the statement", STATEMENT_FORMAT)
    member_id = told.number("member_id")
    return Statement(
        member_id=member_id,
        checkpoint=read_checkpoint(told.any("checkpoint")) if told.given("checkpoint") else None,
        keys=tuple(read_key(key) for key in told.list("keys")),
        wallets=tuple(_read_wallet(wallet, member_id) for wallet in told.list("wallets")),
    )


def _read_wallet(document: object, member_id: int) -> WalletStatement:
    told = Fields(document, "a wallet")
    currency = told.text("currency")
    path = [Fields({"node": node}, "a path") for node in told.list("path")]
    return WalletStatement(
        currency=currency,
        start=told.hexadecimal("start", HASH_BYTES) if told.given("start") else NOTHING,
        leaf=told.number("leaf", least=0) if told.given("leaf") else None,
        path=tuple(node.hexadecimal("node", HASH_BYTES) for node in path),
        entries=tuple(read_entry(entry, member_id, currency) for entry in told.list("entries")),
        later=tuple(read_entry(entry, member_id, currency) for entry in told.list("later_entries")),
    )


def check_signature(checkpoint: Checkpoint, ring: KeyRing) -> Finding:
    """Whether a trusted key signed the checkpoint."""
    public_key = ring.find(checkpoint.key_id)
    name = f"Checkpoint {checkpoint.number}"
    if public_key is None:
        return Finding(
            False, f"{name} is signed by key {checkpoint.key_id.hex()}, which nobody you trust vouches for."
        )
    if not is_signed(encode_checkpoint(checkpoint), checkpoint.signature, public_key):
        return Finding(
            False, f"The signature of checkpoint {checkpoint.number} is not of key {checkpoint.key_id.hex()}."
        )
    return Finding(
        True,
        f"{name} of {checkpoint.sealed_at:%Y-%m-%d %H:%M:%S} UTC is signed by key {checkpoint.key_id.hex()}: "
        f"{checkpoint.wallets:,} wallets, {checkpoint.entries:,} entries.",
    )


def check_statement(statement: Statement, trusted: Sequence[bytes]) -> list[Finding]:
    """All that a statement claims: signature, chains, balances, inclusion."""
    if statement.checkpoint is None:
        return [
            Finding(
                False,
                "The statement has no checkpoint: it was made before the first sealing; nothing proves it.",
            )
        ]
    ring = KeyRing(trusted, statement.keys)
    findings = [check_signature(statement.checkpoint, ring)]
    currencies = [wallet.currency for wallet in statement.wallets]
    if len(set(currencies)) != len(currencies):
        findings.append(Finding(False, "The statement lists a wallet twice."))
    for wallet in statement.wallets:
        findings += _check_wallet(statement.member_id, wallet, statement.checkpoint)
    return findings


def _check_wallet(member_id: int, wallet: WalletStatement, checkpoint: Checkpoint) -> Iterator[Finding]:
    name = f"member {member_id}, {wallet.currency}"
    wrong = find_wrong_entry([*wallet.entries, *wallet.later])
    if wrong is not None:
        yield Finding(False, f"{name}, entry {wrong[0]}: {wrong[1]}.")
        return
    if wallet.entries and wallet.leaf is not None:
        last = wallet.entries[-1]
        held = (last.balance_after, last.pending_after, last.held_after, last.debt_after)
        leaf = Leaf(member_id, wallet.currency, last.seq, *held, wallet.links[-1])
        root = climb(hash_leaf(leaf), wallet.leaf, checkpoint.wallets, wallet.path)
        if root != checkpoint.root:
            yield Finding(
                False,
                f"{name}: what {_count(last.seq)} say is not what checkpoint {checkpoint.number} sealed.",
            )
            return
        parts = f"{held[0]:,} active, {held[1]:,} pending, {held[2]:,} held, {held[3]:,} owed"
        yield Finding(
            True, f"{name}: {_count(last.seq)} up to {parts} are in checkpoint {checkpoint.number}."
        )
    elif wallet.entries or wallet.leaf is not None:
        yield Finding(False, f"{name}: sealed entries need a place in the tree, and a place needs entries.")
    if wallet.later:
        yield Finding(True, f"{name}: {_count(len(wallet.later))} came after the checkpoint, not proven yet.")


def _count(entries: int) -> str:
    return f"{entries:,} entries" if entries != 1 else "1 entry"


def find_wrong_entry(entries: Sequence[SealedEntry]) -> tuple[int, str] | None:
    """The first entry whose number or balances do not follow from those before it, and why."""
    held = {"active": 0, "pending": 0, "held": 0, "debt": 0}
    for place, entry in enumerate(entries, 1):
        if entry.seq != place:
            return place, f"it is missing, entry {entry.seq} stands in its place"
        if len(entry.lots) != len(entry.lot_amounts):
            return place, "its lots and their amounts are not paired"
        if entry.debit != entry.credit:
            if entry.debit in held:
                held[entry.debit] += entry.amount if entry.debit == "debt" else -entry.amount
            if entry.credit in held:
                held[entry.credit] += -entry.amount if entry.credit == "debt" else entry.amount
        told = (entry.balance_after, entry.pending_after, entry.held_after, entry.debt_after)
        if told != tuple(held.values()):
            return place, "the balances after it do not follow from the amounts"
    return None


def check_checkpoints(
    checkpoints: Sequence[Checkpoint], keys: Sequence[PublicKey], trusted: Sequence[bytes]
) -> list[Finding]:
    """Published checkpoints as a chain, in ascending order: none missing, each naming the one before it."""
    if not checkpoints:
        return [Finding(False, "There are no checkpoints to look at.")]
    ring, before, findings = KeyRing(trusted, keys), None, []
    for checkpoint in checkpoints:
        signed = check_signature(checkpoint, ring)
        findings += [] if signed.holds else [signed]
        findings += [Finding(False, sentence) for sentence in _compare(before, checkpoint, ring)]
        before = checkpoint
    if not findings:
        first, last = checkpoints[0], checkpoints[-1]
        findings.append(
            Finding(
                True,
                f"Checkpoints {first.number} to {last.number} are one chain, each signed; the last is "
                f"of {last.sealed_at:%Y-%m-%d %H:%M:%S} UTC, hash {hash_checkpoint(last).hex()}.",
            )
        )
    for lost in (one for one in checkpoints if one.continues < one.number - 1):
        findings.append(
            Finding(
                True,
                f"Checkpoint {lost.number} continues {lost.continues}: what those between had sealed "
                "was lost in a restore, and its makers signed that.",
            )
        )
    return findings


def _compare(before: Checkpoint | None, checkpoint: Checkpoint, ring: KeyRing) -> Iterator[str]:
    number, expected = checkpoint.number, before.number + 1 if before else 1
    if number != expected:
        missing = (
            f"Checkpoint {expected} is"
            if number == expected + 1
            else f"Checkpoints {expected} to {number - 1} are"
        )
        yield f"{missing} missing."
        return
    if checkpoint.previous != (hash_checkpoint(before) if before else NOTHING):
        yield f"Checkpoint {number} does not follow on checkpoint {number - 1}: it names another one."
    if checkpoint.continues >= number:
        yield f"Checkpoint {number} continues one that is not before it."
    if before is None:
        return
    if checkpoint.sealed_at < before.sealed_at:
        yield f"Checkpoint {number} is older than the one before it."
    if not ring.may_follow(checkpoint.key_id, before.key_id):
        yield f"Checkpoint {number} is signed by a key that was succeeded before."
    if checkpoint.continues == before.number and (
        checkpoint.wallets < before.wallets or checkpoint.entries < before.entries
    ):
        yield f"Checkpoint {number} covers less than the one before it."


def compare_statements(older: Statement, newer: Statement) -> list[Finding]:
    """Whether a later statement of the same member still tells the history that an earlier one told."""
    findings = []
    wallets = {wallet.currency: wallet for wallet in newer.wallets}
    for wallet in older.wallets:
        if older.member_id != newer.member_id or not wallet.entries:
            continue
        name = f"member {older.member_id}, {wallet.currency}"
        other = wallets.get(wallet.currency)
        links, later = wallet.links, other.links if other else []
        wrong = next((n for n, link in enumerate(links) if later[n : n + 1] != [link]), None)
        if wrong is not None:
            findings.append(
                Finding(False, f"{name}, entry {wrong + 1}: the later statement tells another history.")
            )
        else:
            findings.append(Finding(True, f"{name}: the later statement continues the earlier one."))
    return findings
