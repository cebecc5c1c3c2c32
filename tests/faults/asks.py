"""What clients ask for, and what they are told: the two halves of every claim that is judged afterwards."""

import enum
import json
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


class Kind(enum.StrEnum):
    """What is asked for, as a column of the table."""

    ORDER = "earn: order"
    EVENT = "earn: event"
    ADJUST = "earn: by hand, soon expiring"
    IMPORT = "bulk import: order"
    REDEEM = "spend: redeem"
    RETURN = "reverse: return"
    CANCEL = "reverse: cancel a redemption"
    RESERVE = "hold: reserve"
    CONFIRM = "hold: confirm"
    LET_GO = "hold: cancel"


@dataclass(frozen=True, slots=True)
class Ask:
    """A request under a name that is its key for ever; asked again, it is the same to the byte.

    `about` is the number of the redemption that a confirmation or cancellation is about.
    """

    key: str
    kind: Kind
    member: str
    path: str
    body: dict[str, Any]
    has_header: bool = True
    about: int | None = None

    @property
    def content(self) -> bytes:
        return json.dumps(self.body).encode()


class Verdict(enum.StrEnum):
    """What a client may rely on after an attempt."""

    ACKNOWLEDGED = "acknowledged"
    REFUSED = "refused"
    UNKNOWN = "unknown"


# Someone else works on the same key; what comes of it this answer does not say.
UNDECIDED = {"idempotency_in_progress"}


@dataclass(frozen=True, slots=True)
class Told:
    """What came back of one attempt: `status` None where nothing did."""

    key: str
    began_at: float
    ended_at: float
    status: int | None
    body: dict[str, Any] = field(default_factory=dict)
    replayed: bool = False

    @property
    def verdict(self) -> Verdict:
        """A server error promises nothing: a commit's answer may be what was lost."""
        if self.status is None or self.status >= 500 or self.body.get("code") in UNDECIDED:
            return Verdict.UNKNOWN
        return Verdict.ACKNOWLEDGED if self.status < 400 else Verdict.REFUSED


class Notebook:
    """Everything asked and told, in memory and line by line in a file for whoever looks into a fault.

    `label` begins every key of this notebook and of no other.
    """

    def __init__(self, file: Path, label: str) -> None:
        self.label = label
        self.asks: dict[str, Ask] = {}
        self.told: dict[str, list[Told]] = {}
        self.attempts = 0
        self.recent: deque[Ask] = deque(maxlen=40)
        self._lock = threading.Lock()
        self._file = file.open("w")

    def ask(self, ask: Ask) -> None:
        with self._lock:
            self.asks[ask.key] = ask
            self.told.setdefault(ask.key, [])
            if ask.path:
                self.recent.append(ask)

    def tell(self, told: Told) -> None:
        line = {"at": time.time(), "key": told.key, "status": told.status, "body": told.body}
        with self._lock:
            self.told[told.key].append(told)
            self.attempts += 1
            self._file.write(json.dumps(line) + "\n")
            self._file.flush()

    def close(self) -> None:
        self._file.close()

    def verdict(self, key: str) -> Verdict:
        """Of all attempts together: one acknowledgement binds, and only refusals alone refuse."""
        verdicts = {told.verdict for told in self.told[key]}
        if Verdict.ACKNOWLEDGED in verdicts:
            return Verdict.ACKNOWLEDGED
        return Verdict.REFUSED if verdicts == {Verdict.REFUSED} else Verdict.UNKNOWN
