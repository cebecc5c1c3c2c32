"""Sixteen shops' systems: each asks, over a connection that it keeps, and writes down what it was told."""

import http.client
import json
import random
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.faults.asks import Ask, Kind, Notebook, Told, Verdict

MEMBERS = [f"m{number}" for number in range(12)]
"""Few, so that many meet at the same wallet."""
CLIENTS = 16
ATTEMPTS_MAX = 3
REWARDS = {"mug": 150, "cinema": 90, "bike": 220}
"""Prices. Mugs are counted, cinema vouchers carry codes, bikes cost money as well."""


@dataclass(frozen=True, slots=True)
class Shop:
    """Where the API is, and with what key."""

    port: int
    secret: str


class Line:
    """One connection to the API."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._connection: http.client.HTTPConnection | None = None

    def send(self, ask: Ask, patience_seconds: float) -> Told:
        """One attempt, and what came of it."""
        began_at = time.monotonic()
        headers = {"Authorization": f"Bearer {self._shop.secret}", "Content-Type": "application/json"}
        if ask.has_header:
            headers["Idempotency-Key"] = ask.key
        try:
            if self._connection is None:
                self._connection = http.client.HTTPConnection("127.0.0.1", self._shop.port)
            self._connection.timeout = patience_seconds
            if self._connection.sock is not None:
                self._connection.sock.settimeout(patience_seconds)
            self._connection.request("POST", f"/api/v1{ask.path}", ask.content, headers)
            response = self._connection.getresponse()
            body = json.loads(response.read() or b"{}")
        except (OSError, http.client.HTTPException, ValueError):
            self.hang_up()
            return Told(ask.key, began_at, time.monotonic(), None)
        replayed = response.headers.get("Idempotent-Replayed") == "true"
        return Told(ask.key, began_at, time.monotonic(), response.status, body, replayed)

    def hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None


class Client(threading.Thread):
    """Asks for this and that until told to stop. Where it hears nothing it asks again, or never learns it."""

    def __init__(
        self,
        number: int,
        *,
        seed: str,
        shop: Shop,
        notebook: Notebook,
        over: threading.Event,
        pause_seconds: float,
    ) -> None:
        super().__init__(name=f"client {number}", daemon=True)
        self._number = number
        self._chance = random.Random(f"{seed}:{number}")
        self._label = notebook.label
        self._line = Line(shop)
        self._notebook = notebook
        self._over = over
        self._pause_seconds = pause_seconds
        self._count = 0
        self._known: set[str] = set()
        self._orders: list[Ask] = []
        self._reserved: list[tuple[Ask, int]] = []
        self._redeemed: list[tuple[Ask, int]] = []

    def run(self) -> None:
        while not self._over.wait(self._chance.uniform(0, 2 * self._pause_seconds)):
            ask = self._choose()
            told = self._insist(ask)
            if told.verdict is Verdict.ACKNOWLEDGED and ask.key not in self._known:
                self._remember(ask, told)
        self._line.hang_up()

    def _insist(self, ask: Ask) -> Told:
        self._notebook.ask(ask)
        attempts = self._chance.randint(1, ATTEMPTS_MAX)
        while True:
            told = self._line.send(ask, self._chance.choice((1.0, 3.0, 15.0)))
            self._notebook.tell(told)
            if told.verdict is not Verdict.UNKNOWN:
                return told
            attempts -= 1
            if self._over.wait(self._chance.uniform(0, 2)) or attempts == 0:
                return told

    def _remember(self, ask: Ask, told: Told) -> None:
        self._known.add(ask.key)
        if ask.kind is Kind.ORDER:
            self._orders.append(ask)
        elif ask.kind is Kind.RESERVE:
            self._reserved.append((ask, told.body["redemption_id"]))
        elif ask.kind is Kind.REDEEM:
            self._redeemed.append((ask, told.body["redemption_id"]))

    def _choose(self) -> Ask:
        """What to ask next; now and then what someone else asks just now, under the same key."""
        actions: dict[Any, int] = {
            self._order: 26, self._event: 8, self._adjust: 12, self._redeem: 14, self._reserve: 12,
        }  # fmt: skip
        if self._orders:
            actions[self._return] = 10
        if self._redeemed:
            actions[self._cancel] = 6
        if self._reserved:
            actions[self._settle] = 14
        if self._notebook.recent:
            actions[self._repeat] = 10
        (action,) = self._chance.choices(list(actions), weights=list(actions.values()))
        chosen: Ask = action()
        return chosen

    def _repeat(self) -> Ask:
        # Whoever asked first goes on with it: no redemption is settled by two.
        ask = self._chance.choice(list(self._notebook.recent))
        if ask.key.split("-")[1] != str(self._number):
            self._known.add(ask.key)
        return ask

    def _new_key(self, letter: str) -> str:
        self._count += 1
        return f"{self._label}{letter}-{self._number}-{self._count}"

    def _order(self) -> Ask:
        key, member = self._new_key("o"), self._chance.choice(MEMBERS)
        lines = [
            {"sku": sku, "quantity": quantity, "amount": quantity * self._chance.randrange(100, 2_500)}
            for sku in self._chance.sample(["bread", "milk", "tea"], self._chance.randint(1, 3))
            for quantity in [self._chance.randint(1, 3)]
        ]
        body = {
            "external_id": key, "member": f"external:{member}", "occurred_at": _now(), "currency": "EUR",
            "lines": lines,
        }  # fmt: skip
        return Ask(key, Kind.ORDER, member, "/orders", body, has_header=self._chance.random() < 0.5)

    def _event(self) -> Ask:
        key, member = self._new_key("e"), self._chance.choice(MEMBERS)
        body = {
            "external_id": key, "member": f"external:{member}", "kind": "review", "occurred_at": _now(),
        }  # fmt: skip
        return Ask(key, Kind.EVENT, member, "/events", body, has_header=self._chance.random() < 0.5)

    def _adjust(self) -> Ask:
        """Points that lapse within seconds, or a few taken away."""
        key, member = self._new_key("a"), self._chance.choice(MEMBERS)
        body: dict[str, Any] = {"points": -self._chance.randint(1, 30), "reason": key}
        if self._chance.random() < 0.8:
            seconds = self._chance.uniform(1, 20)
            body = {"points": self._chance.randint(1, 60), "reason": key, "expires_at": _now(seconds)}
        return Ask(key, Kind.ADJUST, member, f"/members/external:{member}/adjustments", body)

    def _redeem(self) -> Ask:
        key, member = self._new_key("s"), self._chance.choice(MEMBERS)
        body = {"member": f"external:{member}", "reward": self._chance.choice(("mug", "cinema"))}
        return Ask(key, Kind.REDEEM, member, "/redemptions", body)

    def _reserve(self) -> Ask:
        key, member = self._new_key("h"), self._chance.choice(MEMBERS)
        reward = self._chance.choice(("bike", "bike", "mug"))
        body = {"member": f"external:{member}", "reward": reward, "mode": "reserve", "hold_minutes": 1}
        return Ask(key, Kind.RESERVE, member, "/redemptions", body)

    def _settle(self) -> Ask:
        """Paid for, called off, or left to time out."""
        reserved, number = self._reserved.pop(self._chance.randrange(len(self._reserved)))
        if self._chance.random() < 0.3:
            return self._order()
        if self._chance.random() < 0.6:
            key, path = self._new_key("k"), f"/redemptions/{number}/confirm"
            return Ask(key, Kind.CONFIRM, reserved.member, path, {}, about=number)
        key, path = self._new_key("l"), f"/redemptions/{number}/cancel"
        return Ask(key, Kind.LET_GO, reserved.member, path, {"reason": key}, about=number)

    def _cancel(self) -> Ask:
        redeemed, number = self._redeemed.pop(self._chance.randrange(len(self._redeemed)))
        key, path = self._new_key("c"), f"/redemptions/{number}/cancel"
        return Ask(key, Kind.CANCEL, redeemed.member, path, {"reason": key}, about=number)

    def _return(self) -> Ask:
        order = self._chance.choice(self._orders)
        key = self._new_key("r")
        line = self._chance.randint(1, len(order.body["lines"]))
        body = {
            "external_id": key, "order_external_id": order.key, "occurred_at": _now(),
            "lines": [{"line_no": line, "quantity": 1}],
        }  # fmt: skip
        has_header = self._chance.random() < 0.5
        return Ask(key, Kind.RETURN, order.member, "/returns", body, has_header=has_header)


def _now(seconds: float = 0) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()


def ask_again(shop: Shop, asks: list[Ask], clients: int = CLIENTS) -> dict[str, Told]:
    """Ask each once more, patiently, when all is well again."""
    answers: dict[str, Told] = {}
    todo = iter(asks)
    lock = threading.Lock()

    def work() -> None:
        line = Line(shop)
        while True:
            with lock:
                ask = next(todo, None)
            if ask is None:
                line.hang_up()
                return
            told = line.send(ask, 60)
            if told.verdict is Verdict.UNKNOWN:
                told = line.send(ask, 60)
            with lock:
                answers[ask.key] = told

    threads = [threading.Thread(target=work, daemon=True) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers
