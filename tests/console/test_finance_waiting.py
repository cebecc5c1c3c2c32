"""Where the books are large, a page says that it is being added up, and shows the report when it is there."""

from typing import Any

import pytest
from django.db import connection

from regulars.finance import facade as finance
from regulars.finance.models import StoredReport
from regulars.identity.facade import Role
from regulars.kit.clock import utc_now
from tests.console.conftest import Staffed, hire
from tests.store.shop import open_shop

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE_MS = 100
CSV = {
    "/console/finance/": "/console/finance/liability.csv",
    "/console/finance/movements/": "/console/finance/movements.csv",
}


@pytest.fixture
def staffed(transactional_db: None, cheap_passwords: None) -> Staffed:
    """Committed: another connection holds the books."""
    return Staffed(open_shop(), hire(Role.FINANCE))


@pytest.mark.parametrize("address", CSV)
def test_the_reader_waits_for_a_job_and_then_reads(staffed: Staffed, settings: Any, address: str) -> None:
    client = staffed.client(Role.FINANCE)
    settings.REPORT_PATIENCE_MS = PATIENCE_MS
    other = connection.copy()
    other.set_autocommit(False)
    try:
        with other.cursor() as cursor:
            cursor.execute("LOCK TABLE ledger_journal IN ACCESS EXCLUSIVE MODE")
        waiting = client.get(address)
        assert (waiting.status_code, int(waiting["Refresh"]) > 0) == (200, True)
        assert "Being added up" in waiting.content.decode()
        csv = client.get(CSV[address])
        assert (csv.status_code, csv["Location"]) == (302, f"{address}?")
    finally:
        other.rollback()
        other.close()
    (row,) = StoredReport.objects.all()
    assert finance.make_report(report_id=row.pk, now=utc_now())
    settings.REPORT_PATIENCE_MS = 0
    read = client.get(address)
    assert "Agrees with the ledger" in read.content.decode()
    assert "Refresh" not in read
