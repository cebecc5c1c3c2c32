"""Fixtures of all rooms: one browser for the whole run, since a thread can drive only one Playwright."""

from collections import Counter
from collections.abc import Iterator

import pytest
from django.db import connection
from django.utils import translation
from pytest_django import DjangoDbBlocker

from tests.browser import browser, page
from tests.emptying import take_over
from tests.ledger.reading import empty_ledger
from tests.spark_cluster import hold_on_spark, spark, spark_master

__all__ = ["browser", "hold_on_spark", "page", "spark", "spark_master"]

COMMITTING = {"transactional_db", "live_server", "django_db_reset_sequences"}
DISCONNECT = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


take_over()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Of several processes, none is left alone at the end with the longest file: slow files go first."""
    if hasattr(config, "workerinput"):
        slow = Counter(item.path for item in items if item.get_closest_marker("slow"))
        items.sort(key=lambda item: (-slow[item.path], item.path))


@pytest.fixture(autouse=True)
def default_language() -> Iterator[None]:
    """A request answered in another language leaves it on in its thread: the next test begins anew."""
    yield
    translation.deactivate()


@pytest.fixture(autouse=True)
def ledger_left_empty(request: pytest.FixtureRequest, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """What a test commits to the ledger goes with it: Django's flush passes unmanaged models by."""
    yield
    marked = request.node.get_closest_marker("django_db")
    if (marked and marked.kwargs.get("transaction")) or COMMITTING & set(request.fixturenames):
        with django_db_blocker.unblock():
            empty_ledger()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """A server's threads may still be connected when all is over; the database could not be dropped."""
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(DISCONNECT)
