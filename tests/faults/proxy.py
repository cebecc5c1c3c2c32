"""A wire between two ends that can be cut, can stall, and can lose what comes back."""

import contextlib
import enum
import random
import selectors
import socket
import struct
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

CHUNK_BYTES = 1 << 16
RESET_AT_ONCE = struct.pack("ii", 1, 0)


class Mode(enum.Enum):
    """What becomes of the bytes."""

    PASS = "pass"
    STALL = "stall"
    """Nothing moves, either way; nothing is lost."""
    LOSE_ANSWERS = "lose answers"
    """What is asked arrives, what is answered does not."""


class Proxy:
    """Takes connections on `listener` and hands each on to what `connect` gives. One thread does it all."""

    def __init__(self, listener: socket.socket, connect: Callable[[], socket.socket]) -> None:
        self.mode = Mode.PASS
        self.taken = 0
        """Connections made through it so far."""
        self._listener = listener
        self._connect = connect
        self._selector = selectors.DefaultSelector()
        self._asking: set[socket.socket] = set()
        self._other: dict[socket.socket, socket.socket] = {}
        self._cut = threading.Event()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="proxy", daemon=True)

    def __enter__(self) -> Self:
        self._listener.listen(128)
        self._listener.setblocking(False)
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join(30)

    def cut(self) -> int:
        """End all connections, each politely or with a reset; gives how many."""
        count = len(self._asking)
        self._cut.set()
        while self._cut.is_set() and self._thread.is_alive():
            self._over.wait(0.005)
        return count

    def _run(self) -> None:
        while not self._over.is_set():
            if self._cut.is_set():
                for end in list(self._asking):
                    self._drop(end)
                self._cut.clear()
            if self.mode is Mode.STALL:
                self._over.wait(0.01)
                continue
            for key, _ in self._selector.select(0.02):
                end = key.fileobj
                assert isinstance(end, socket.socket)
                if end is self._listener:
                    self._accept()
                elif end in self._other:
                    self._move(end)
        for end in list(self._asking):
            self._drop(end)
        self._selector.close()
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            asking, _ = self._listener.accept()
            try:
                answering = self._connect()
            except OSError:
                # Nobody is there: the one who asked learns it as if the wire were broken.
                asking.close()
                return
            self.taken += 1
            self._asking.add(asking)
            for end, other in ((asking, answering), (answering, asking)):
                end.settimeout(10)
                self._other[end] = other
                self._selector.register(end, selectors.EVENT_READ)

    def _move(self, end: socket.socket) -> None:
        try:
            data = end.recv(CHUNK_BYTES)
            if data and not (self.mode is Mode.LOSE_ANSWERS and end not in self._asking):
                self._other[end].sendall(data)
        except OSError:
            data = b""
        if not data:
            self._drop(end)

    def _drop(self, end: socket.socket) -> None:
        for one in (end, self._other[end]):
            self._selector.unregister(one)
            self._asking.discard(one)
            del self._other[one]
            if random.random() < 0.5:
                with contextlib.suppress(OSError):
                    one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_AT_ONCE)
            one.close()
