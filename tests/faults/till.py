"""A till, as a process of its own that may be killed at any moment: redeems what is wished for.

    python -m tests.faults.till open
    python -m tests.faults.till work FILE
    python -m tests.faults.till mute FILE
    python -m tests.faults.till review

`work` notes every answer in FILE before it goes on, and leaves out what it has noted already; `mute` notes
nothing, as if the answers were lost on the way. `review` asks every key again and tells what is in the books.
It works on the embedded database of REGULARS_DATA.
"""

import json
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402 (these need Django to be set up)
from django.db import InterfaceError, OperationalError, connection, transaction  # noqa: E402

from regulars.catalogue.models import Code, Reward  # noqa: E402
from regulars.cli.migrate import install  # noqa: E402
from regulars.kit.errors import Refusal  # noqa: E402
from regulars.kit.ids import MemberId  # noqa: E402
from regulars.ledger import facade as ledger  # noqa: E402
from regulars.ledger.models import JournalEntry  # noqa: E402
from regulars.members.facade import find_member_ids  # noqa: E402
from regulars.postgres import facade as postgres  # noqa: E402
from regulars.redemption import facade as redemption  # noqa: E402
from regulars.redemption.facade import RedemptionView  # noqa: E402
from regulars.redemption.models import Redemption  # noqa: E402
from tests.faults import wishes  # noqa: E402
from tests.faults.wishes import Wish, make_wishes  # noqa: E402
from tests.redemption.examples import NOW, OPERATOR, make_member, make_reward, make_voucher  # noqa: E402

THREADS = 4


class Till:
    """Four cashiers who ask again, under the same key, until they get an answer."""

    def __init__(self, attachment: postgres.Attachment, note: Callable[[dict[str, Any]], None]) -> None:
        self.attachment = attachment
        self.note = note
        self.members = find_member_ids(wishes.GIVEN)
        self.restarting = threading.Lock()

    def serve(self, wish: Wish) -> None:
        """All steps of one wish, each answer noted before the next."""
        try:
            view = self.insist(lambda: open_redemption(wish, self.members))
            self.note(as_told(wish.key, view))
            if wish.is_confirmed:
                view = self.insist(
                    lambda: redemption.confirm_redemption(actor=OPERATOR, now=NOW, redemption_id=view.id)
                )
                self.note(as_told(wish.key, view))
            if wish.is_cancelled:
                view = self.insist(
                    lambda: redemption.cancel_redemption(
                        actor=OPERATOR, now=NOW, redemption_id=view.id, reason="Changed their mind"
                    )
                )
                self.note(as_told(wish.key, view))
        except Refusal as refusal:
            self.note({"key": wish.key, "refused": refusal.code})

    def insist(self, ask: Callable[[], RedemptionView]) -> RedemptionView:
        """Where the server dies under a request nobody knows what became of it: start it, and ask again."""
        while True:
            try:
                return ask()
            except (OperationalError, InterfaceError):
                connection.close()
                with self.restarting:
                    self.attachment.keep_running()
                time.sleep(0.05)

    def work(self, todo: list[Wish]) -> None:
        with ThreadPoolExecutor(THREADS) as pool:
            for _ in pool.map(self.serve, todo):
                pass


def open_redemption(wish: Wish, members: dict[str, MemberId]) -> RedemptionView:
    act = redemption.reserve_reward if wish.is_confirmed else redemption.redeem_reward
    return act(
        actor=OPERATOR,
        now=NOW,
        member_id=members[wish.member],
        reward_code=wish.reward,
        idempotency_key=wish.key,
    )


def as_told(key: str, view: RedemptionView) -> dict[str, Any]:
    return {
        "key": key,
        "id": view.id,
        "reference": view.reference,
        "state": view.state,
        "code": view.code,
        "replayed": view.replayed,
    }


def open_shop() -> None:
    install()
    for name, points in wishes.GIVEN.items():
        make_member(name, points=points)
    make_reward("mug", price_points=wishes.PRICES["mug"], stock=wishes.MUGS)
    make_reward("bike", price_points=wishes.PRICES["bike"], price_money=5_000, stock=wishes.BIKES)
    codes = (f"CODE-{number}" for number in range(wishes.CODES))
    make_voucher(*codes, price_points=wishes.PRICES["cinema"])


def list_open_wishes(file: Path) -> list[Wish]:
    """Those whose last answer is not noted yet."""
    noted = [json.loads(line) for line in file.read_text().splitlines()]
    times = Counter(line["key"] for line in noted if "id" in line)
    refused = {line["key"] for line in noted if "refused" in line}
    return [
        wish
        for wish in make_wishes()
        if wish.key not in refused and times[wish.key] < 1 + wish.is_confirmed + wish.is_cancelled
    ]


def look() -> dict[str, Any]:
    """All figures that redeeming moves."""
    members = find_member_ids(wishes.GIVEN)
    balances = ledger.get_balances(list(members.values()), NOW)
    rows = Redemption.objects.select_related("reward", "code").order_by("id")
    moves = JournalEntry.objects.exclude(kind="earn").order_by("member_id", "seq")
    return {
        "rows": [
            {
                "key": row.idempotency_key,
                "id": row.pk,
                "member": next(name for name, member_id in members.items() if member_id == row.member_id),
                "reference": row.reference,
                "reward": row.reward.code,
                "state": row.state,
                "price": row.price_points,
                "code": row.code.value if row.code else None,
            }
            for row in rows
        ],
        "taken": dict(Reward.objects.filter(stock__isnull=False).values_list("code", "taken")),
        "codes": Counter(Code.objects.values_list("state", flat=True)),
        "moves": [list(move) for move in moves.values_list("source", "kind", "amount")],
        "balances": {
            name: [balances[member_id].active, balances[member_id].held]
            for name, member_id in members.items()
        },
        "proved": ledger.prove().ok and ledger.get_totals(NOW).adds_up,
    }


def ask_again(wish: Wish, members: dict[str, MemberId]) -> dict[str, Any]:
    try:
        return as_told(wish.key, open_redemption(wish, members))
    except Refusal as refusal:
        return {"key": wish.key, "refused": refusal.code}


def look_at_one_paid_twice() -> dict[str, Any]:
    """The figures of a world where a redemption took its points a second time, under another key."""
    with transaction.atomic():
        row = Redemption.objects.filter(state="confirmed").order_by("id").first()
        assert row is not None
        ledger.spend(
            actor=OPERATOR,
            now=NOW,
            member_id=MemberId(row.member_id),
            amount=row.price_points,
            key=f"redemption:{row.pk}:spend-again",
            source=f"redemption:{row.pk}",
        )
        seen = look()
        transaction.set_rollback(True)
    return seen


def review() -> dict[str, Any]:
    members = find_member_ids(wishes.GIVEN)
    before = look()
    asked = [ask_again(wish, members) for wish in make_wishes()]
    return {"before": before, "asked": asked, "after": look(), "doubled": look_at_one_paid_twice()}


def main(command: str, file: Path) -> None:
    with postgres.attach(settings.DATA_DIR) as attachment:
        if command == "open":
            open_shop()
        elif command == "review":
            print(json.dumps(review()))
        else:
            descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

            def note(answer: dict[str, Any]) -> None:
                # One write is one line: no kill leaves half of it.
                os.write(descriptor, f"{json.dumps(answer)}\n".encode())

            quiet = command == "mute"
            Till(attachment, (lambda _: None) if quiet else note).work(list_open_wishes(file))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]) if len(sys.argv) > 2 else Path(os.devnull))
