"""Data made once for all tests of a file: each test's transaction is a savepoint inside theirs.

The small shop takes a sixth of a second of CPU to open, and hundreds of tests begin with it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ClassVar, Generic, TypeVar

from django.db import transaction
from pytest_django import DjangoDbBlocker

T = TypeVar("T")


class Kept(Generic[T]):
    """What `make` makes. One is open at a time; whatever else is tested meets an empty database."""

    _open: ClassVar["Kept[object] | None"] = None
    _barred: ClassVar[bool] = False

    def __init__(self, fixture: str, make: Callable[[], T], blocker: DjangoDbBlocker) -> None:
        self._fixture, self._make, self._blocker = fixture, make, blocker

    @contextmanager
    def hold(self) -> Iterator["Kept[T]"]:
        """Make it, unless a test that commits asks first; take it back at the end, if it is still there."""
        if not Kept._barred:
            self._begin()
        yield self
        if Kept._open is self:
            Kept._end()

    def take(self) -> T:
        """What was made; made anew by and for the test where another kind of test came between."""
        return self._made if Kept._open is self else self._make()

    @classmethod
    def clear_for(cls, fixtures: frozenset[str], *, commits: bool) -> None:
        """Take back what is open, before a test that does not begin with it or that empties the tables."""
        cls._barred = commits
        if cls._open is not None and (commits or cls._open._fixture not in fixtures):
            cls._end()

    def _begin(self) -> None:
        with self._blocker.unblock():
            self._atomic = transaction.atomic()
            self._atomic._from_testcase = True  # type: ignore[attr-defined]  # what is durable may run inside
            self._atomic.__enter__()
            Kept._open = self
            self._made = self._make()

    @classmethod
    def _end(cls) -> None:
        kept, Kept._open = Kept._open, None
        assert kept is not None
        with kept._blocker.unblock():
            transaction.set_rollback(True)
            kept._atomic.__exit__(None, None, None)
