"""Fixtures of all rooms: one browser for the whole run, since a thread can drive only one Playwright."""

import gc
import os
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.template import Template
from django.utils import translation
from pytest_django import DjangoDbBlocker

from tests.browser import browser, page
from tests.emptying import take_over
from tests.keeping import Kept
from tests.ledger.reading import empty_ledger
from tests.spark_cluster import hold_on_spark, spark, spark_master

__all__ = ["browser", "hold_on_spark", "page", "spark", "spark_master"]

COMMITTING = {"transactional_db", "live_server", "django_db_reset_sequences"}
DISCONNECT = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""

RENDER = Template._render

take_over()


def pytest_xdist_auto_num_workers() -> int:
    """One process more than there are processors: what drives a browser or another program mostly waits."""
    return (os.cpu_count() or 1) + 1


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The order for several processes, each of which takes a file at a time.

    Files that drive a browser come last: a thread that has driven one looks asynchronous ever after. Slow
    ones go first, so that none is left alone at the end with the longest.
    """
    driving = {item.path for item in items if drives(item)}
    mixed = sorted({item.path.name for item in items if item.path in driving and not drives(item)})
    if mixed:
        raise pytest.UsageError(f"Tests with a browser stand beside others, and belong apart: {mixed}")
    if not hasattr(config, "workerinput"):
        return
    slow = Counter(item.path for item in items if item.get_closest_marker("slow"))
    items.sort(key=lambda item: (drives(item), -slow[item.path], item.path, not is_kept(item)))


def drives(item: pytest.Item) -> bool:
    """Whether a test drives a browser."""
    return item.get_closest_marker("browser") is not None


def is_kept(item: pytest.Item) -> bool:
    """Whether a test begins with what is made once for its file."""
    return any(name.startswith("kept_") for name in list_fixtures(item))


def list_fixtures(item: pytest.Item) -> frozenset[str]:
    """Names of all fixtures that a test asks for, by itself or through others."""
    return frozenset(getattr(item, "fixturenames", ()))


def commits(item: pytest.Item) -> bool:
    """Whether a test commits, and leaves tables to be emptied."""
    marked = item.get_closest_marker("django_db")
    return bool((marked and marked.kwargs.get("transaction")) or COMMITTING & list_fixtures(item))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Who does not begin with what another test's file keeps finds the database empty."""
    Kept.clear_for(list_fixtures(item), commits=commits(item))


def pytest_collection_finish() -> None:
    """What was loaded stays to the end: looking through it for garbage took a sixth of all time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@pytest.fixture(autouse=True)
def default_language() -> Iterator[None]:
    """A request answered in another language leaves it on in its thread: the next test begins anew."""
    yield
    translation.deactivate()


@pytest.fixture(scope="session", autouse=True)
def templates_unwatched(django_test_environment: None) -> None:
    """No test asks which templates were rendered: to note it, with copies of what they got, takes time."""
    Template._render = RENDER


@pytest.fixture(autouse=True)
def static_files_when_asked_for(request: pytest.FixtureRequest, settings: Any) -> None:
    """Django's client makes the middleware anew each time, which would list all static files each time."""
    settings.WHITENOISE_AUTOREFRESH = "live_server" not in list_fixtures(request.node)


@pytest.fixture(autouse=True)
def ledger_left_empty(request: pytest.FixtureRequest, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """What a test commits to the ledger goes with it: Django's flush passes unmanaged models by."""
    yield
    if commits(request.node):
        with django_db_blocker.unblock():
            empty_ledger()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """A server's threads may still be connected when all is over; the database could not be dropped."""
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(DISCONNECT)
