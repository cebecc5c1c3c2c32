"""Empties the database after a test that commits: what holds something, and nothing else.

Django truncates every table and then makes content types and permissions anew, a sixth of a second each time;
most tests write to a few tables.
"""

import functools
from collections.abc import Sequence

from django.apps import apps
from django.db import connection
from django.test import TransactionTestCase

# Made by migrating, and the same for every test.
KEPT = {"django_content_type", "auth_permission"}


def list_filled(tables: Sequence[str]) -> list[str]:
    """Those of the tables that hold a row. One query."""
    asked = ", ".join(f"CASE WHEN EXISTS (SELECT FROM {name}) THEN '{name}' END" for name in tables)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT array_remove(ARRAY[{asked}], NULL)")
        filled: list[str] = cursor.fetchone()[0]
        return filled


def empty_tables(tables: Sequence[str]) -> None:
    """Truncate those of the tables that hold a row, with what refers to them."""
    filled = list_filled(tables)
    if filled:
        with connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {', '.join(filled)} CASCADE")


@functools.cache
def _list_tables() -> tuple[str, ...]:
    names = set(connection.introspection.django_table_names(only_existing=True, include_views=False))
    # Django does not manage the tables of jobs and would leave them: what failed in one test is no other's.
    names |= {model._meta.db_table for model in apps.get_app_config("procrastinate").get_models()}
    return tuple(sorted(names - KEPT))


def _tear_down(_case: TransactionTestCase) -> None:
    empty_tables(_list_tables())


def take_over() -> None:
    """Have tests that commit leave the database so, instead of by Django's flush."""
    TransactionTestCase._fixture_teardown = _tear_down  # type: ignore[method-assign]
