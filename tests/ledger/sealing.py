"""Sealing in tests: a place for keys and published files, statements, and rewriting as a forger would."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection

from regulars.kit.actor import SYSTEM
from regulars.kit.ids import MemberId
from regulars.ledger import facade as ledger
from regulars.proofs import facade as proofs
from tests.ledger.posting import ANN, BEN, NOW, after, earn, hold, refund, reverse, spend
from tests.ledger.reading import history_unlocked, read_rows, run


@dataclass(frozen=True)
class Sealer:
    """The directories of one test, and short ways to seal and to look."""

    signing: Path
    published: Path

    def seal(self, days: float = 0, **more: Any) -> ledger.SealReport:
        return ledger.seal_ledger(actor=SYSTEM, now=after(days), **more)

    @property
    def public_keys(self) -> list[bytes]:
        return [key.public_key for key in ledger.list_signing_keys()]

    def statement(self, member: MemberId = ANN, now: datetime = NOW) -> proofs.Statement:
        return proofs.read_statement(self.document(member, now))

    @staticmethod
    def document(member: MemberId = ANN, now: datetime = NOW) -> Any:
        return proofs.parse_json("".join(ledger.write_statement(member, now)), "the statement")


def build() -> None:
    earn(100, "a", expires_at=after(9), source="order:1", rule="base")  # 1
    earn(50, "b", sliding=True, expires_at=after(20), source="ann@example.com")  # 2
    earn(30, "c", activates_at=after(5), awaits="review", programme_version=3)  # 3
    spend(120, "d")  # 4
    refund(4, 40, "e")  # 5
    hold(10, "f", until=after(1))  # 6
    reverse(1, 30, "g")  # 7
    earn(5, "h", member=BEN)


def holds(findings: list[proofs.Finding]) -> bool:
    return all(finding.holds for finding in findings)


def tamper(*statements: str) -> None:
    with history_unlocked():
        for statement in statements:
            run(statement)


def find_problems() -> list[str]:
    """All that the doctor would say of history and of seals."""
    return [str(problem) for problem in ledger.prove().problems] + list(ledger.prove_seals().problems)


def rewrite_chain(member: MemberId = ANN) -> None:
    """Hash the chain of a wallet anew from what the journal says now, and every seal and head with it."""
    runs = read_rows(
        "SELECT currency, seq, octet_length(links) / 32 FROM ledger_seal WHERE member_id = %s ORDER BY 1, 2",
        member,
    )
    with history_unlocked():
        for currency, seq, number in runs:
            names = {"member": member, "currency": currency, "seq": seq, "before": seq - number}
            run_named(
                """
                UPDATE ledger_seal s SET links = c.links, balance = c.balance FROM (
                    SELECT ledger_chain(coalesce((
                            SELECT substr(links, octet_length(links) - 31) FROM ledger_seal
                            WHERE member_id = %(member)s AND currency = %(currency)s AND seq = %(before)s
                        ), h.start), ledger_encode_entry(j) ORDER BY j.seq) AS links,
                        max(j.balance_after) FILTER (WHERE j.seq = %(seq)s) AS balance
                    FROM ledger_journal j JOIN ledger_head h USING (member_id, currency)
                    WHERE member_id = %(member)s AND currency = %(currency)s
                        AND j.seq > %(before)s AND j.seq <= %(seq)s GROUP BY h.start
                ) AS c
                WHERE s.member_id = %(member)s AND s.currency = %(currency)s AND s.seq = %(seq)s
                """,
                names,
            )
            run_named(
                """
                UPDATE ledger_head h SET balance = s.balance,
                    head = substr(s.links, octet_length(s.links) - 31)
                FROM ledger_seal s
                WHERE s.member_id = %(member)s AND s.currency = %(currency)s AND s.seq = %(seq)s
                    AND h.member_id = s.member_id AND h.currency = s.currency AND h.seq = s.seq
                """,
                names,
            )


def run_named(statement: str, names: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, names)
