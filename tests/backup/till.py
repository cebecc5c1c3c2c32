"""Tills that send orders over HTTP, one after the other, and remember what they heard and when."""

import http.client
import json
import threading
import time

from tests.backup.consistency import Order

MEMBERS = 40


class Till(threading.Thread):
    """One till: a connection of its own, and every order after the answer to the one before."""

    def __init__(self, number: int, port: int, secret: str, over: threading.Event) -> None:
        super().__init__(name=f"till {number}", daemon=True)
        self.orders: list[Order] = []
        self.failure = ""
        self._number = number
        self._port = port
        self._headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
        self._over = over

    def run(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        while not self._over.is_set() and not self.failure:
            name = f"T{self._number}-{len(self.orders)}"
            body = {
                "external_id": name,
                "member": f"external:m{(self._number + len(self.orders)) % MEMBERS}",
                "occurred_at": "2026-03-04T10:00:00Z",
                "currency": "EUR",
                "lines": [{"sku": "bread", "amount": 1_250}],
            }
            sent_at = time.monotonic()
            connection.request("POST", "/api/v1/orders", json.dumps(body), self._headers)
            response = connection.getresponse()
            said = response.read()
            if response.status == 201:
                self.orders.append(Order(name, sent_at, time.monotonic()))
            else:
                self.failure = f"{response.status} {said!r}"
        connection.close()
