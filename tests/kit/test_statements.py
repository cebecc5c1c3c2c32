"""One prepared statement, with and without a transaction around it."""

import pytest
from django.db import DatabaseError, DataError, connection, transaction

from regulars.kit.statements import fetch_rows

SUM = "SELECT %s::integer + %s::integer, %s::text"
PREPARED = "SELECT count(*) FROM pg_prepared_statements"


def prepared() -> int:
    with connection.cursor() as cursor:
        cursor.execute(PREPARED)
        return int(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_it_is_prepared_once_and_reads_every_type() -> None:
    connection.close()
    for _ in range(3):
        assert fetch_rows(SUM, ("2", "3", "é")) == [(5, "é")]
    assert fetch_rows("SELECT NULL::text, ARRAY[1, 2]::bigint[], true", ()) == [(None, [1, 2], True)]
    assert fetch_rows("SELECT 1 WHERE %s::integer > 1", ("0",)) == []
    assert prepared() == 3


@pytest.mark.django_db(transaction=True)
def test_it_goes_on_after_all_that_can_happen_to_a_connection() -> None:
    def works() -> None:
        assert fetch_rows(SUM, ("2", "3", None)) == [(5, None)]

    works()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        works()
        raise ZeroDivisionError  # the driver lets go of what is prepared
    works()
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")
    works()
    with pytest.raises(DatabaseError):
        fetch_rows("SELECT 1 / %s::integer", ("0",))
    works()
    connection.close()
    works()


@pytest.mark.django_db(transaction=True)
def test_a_broken_transaction_and_a_text_cut_short_are_refused() -> None:
    with pytest.raises(DataError):
        fetch_rows(SUM, ("2", "3", "cut\0short"))
    with transaction.atomic():
        with pytest.raises(DatabaseError), transaction.atomic():
            fetch_rows("SELECT 1 / %s::integer", ("0",))
        assert fetch_rows(SUM, ("1", "1", "")) == [(2, "")]


@pytest.mark.django_db(transaction=True)
def test_what_it_writes_is_kept_or_undone_with_the_transaction() -> None:
    insert = "INSERT INTO trail_storedanswer (scope, key, input_hash, status, body, recorded_at)"
    insert += " VALUES ('s', %s::text, '', 200, '', now()) RETURNING key"
    fetch_rows(insert, ("kept",))
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        fetch_rows(insert, ("undone",))
        raise ZeroDivisionError
    assert fetch_rows("SELECT key FROM trail_storedanswer", ()) == [("kept",)]
