"""Holding on to the embedded PostgreSQL: it runs while anyone is attached, and stops after the last.

Three locks in `<data>/postgres`, all dropped by the kernel when their holder dies:
`start.lock` held alone by whoever starts or stops; `attached.lock` shared by everyone attached;
`server.lock` held by the PostgreSQL processes themselves. Taken in this order.
"""

import contextlib
import os
import threading
import weakref
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from regulars.postgres import locks, server
from regulars.postgres.account import Account, find_account
from regulars.postgres.layout import Layout, explained, find_layout, make_directories


class Attachment:
    """One hold on the server. Close it, or use it as a context manager; closing twice does nothing."""

    def __init__(self, layout: Layout, account: Account, descriptor: int, *, has_started: bool) -> None:
        self.has_started = has_started
        """True where the server did not run before: nobody else was at work."""
        self._layout = layout
        self._account = account
        self._descriptor: int | None = descriptor
        self._guard = threading.Lock()
        _living.add(self)

    @property
    def socket_dir(self) -> Path:
        """The directory of the socket: what a client calls the host."""
        return self._layout.socket_dir

    def close(self) -> None:
        """Let go. If nobody else is attached, the server stops before this returns."""
        with self._guard:
            descriptor, self._descriptor = self._descriptor, None
        if descriptor is None:
            return
        try:
            # A data directory deleted under us took the locks along; PostgreSQL notices and stops by itself.
            with contextlib.suppress(FileNotFoundError):
                _let_go(self._layout, self._account, descriptor)
        finally:
            os.close(descriptor)

    def keep_running(self) -> bool:
        """Start the server again if it died under us; True where that was so. Cheap enough for every second.

        Raises PostgresUnavailable.
        """
        with explained(self._layout):
            if server.is_alive(self._layout, self._account):
                return False
            with locks.held_alone(self._layout.home / "start.lock", self._account):
                return server.ensure_running(self._layout, self._account, {})

    def forget(self) -> None:
        """In a forked child: close the copy of the descriptor. The parent's hold is not touched."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


_living: weakref.WeakSet[Attachment] = weakref.WeakSet()


def _forget_all() -> None:
    for attachment in list(_living):
        attachment.forget()


os.register_at_fork(after_in_child=_forget_all)


def attach(data_dir: Path, *, options: Mapping[str, str] | None = None) -> Attachment:
    """Hold on to the embedded PostgreSQL of `data_dir`; make it and start it where it is missing.

    `options` are server settings for this start, such as {"fsync": "off"} for tests; a server that
    runs already keeps its own. Raises PostgresUnavailable with one sentence.
    """
    layout = find_layout(data_dir)
    with explained(layout):
        account = find_account(layout.cluster)
        make_directories(layout, account)
        return _attach(layout, account, options or {})


def _attach(layout: Layout, account: Account, options: Mapping[str, str]) -> Attachment:
    with locks.held_alone(layout.home / "start.lock", account):
        descriptor = locks.open_lock(layout.home / "attached.lock", account)
        try:
            locks.share(descriptor)
            has_started = server.ensure_running(layout, account, options)
        except BaseException:
            # Ctrl-C while it starts, too: leave no server that nobody holds.
            try:
                if locks.try_exclusive(descriptor):
                    server.stop(layout, account)
            finally:
                os.close(descriptor)
            raise
    return Attachment(layout, account, descriptor, has_started=has_started)


def is_running(data_dir: Path) -> bool:
    """True where the embedded PostgreSQL of `data_dir` takes connections. Starts nothing."""
    return server.is_ready(find_layout(data_dir))


def _let_go(layout: Layout, account: Account, descriptor: int) -> None:
    with locks.held_alone(layout.home / "start.lock", account):
        if locks.try_exclusive(descriptor):
            server.stop(layout, account)
