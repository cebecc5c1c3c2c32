"""The server that this very test run uses (see tests/cluster.py)."""

import os

import pytest
from django.db import connection


@pytest.mark.django_db
@pytest.mark.skipif("DATABASE_URL" in os.environ, reason="the run uses a server of its own choosing")
def test_tests_run_on_utf8_with_the_builtin_locale() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_encoding_to_char(encoding), datlocprovider::text, datlocale FROM pg_database "
            "WHERE datname = current_database()"
        )
        assert cursor.fetchone() == ("UTF8", "b", "C.UTF-8")
        cursor.execute("SHOW fsync")
        assert cursor.fetchone() == ("off",)
