"""Code pools in the console: filled by sheets and by chance, watched, fetched; never shown whole."""

import io
from typing import Any

import pytest
from django.test import Client

from regulars.catalogue import facade as catalogue
from regulars.identity.facade import Role
from regulars.kit.actor import SYSTEM
from regulars.kit.clock import utc_now
from regulars.trail.facade import list_audit
from tests.console.conftest import Staffed
from tests.console.test_rewards import text_of

pytestmark = pytest.mark.django_db
SHEET = "code\nAAAA-1111\nAAAA-1111\nBBBB 2222\nCCCC-3333\n"


@pytest.fixture
def marketer(staffed: Staffed) -> Client:
    return staffed.client(Role.MARKETER)


def make_pool(client: Client, **said: Any) -> None:
    assert client.post("/console/codes/new/", {"name": "Cinema tickets", **said}).status_code == 302


def test_a_pool_is_made_filled_and_fetched(marketer: Client) -> None:
    make_pool(marketer)
    assert "The pool is empty" in text_of(marketer.get("/console/pool/cinema-tickets/"))
    upload = {"sheet": io.BytesIO(SHEET.encode())}
    told = text_of(marketer.post("/console/pool/cinema-tickets/upload/", upload))
    assert "2 codes were added" in told
    assert "Twice in the sheet, taken once: 1" in told
    assert "Line 4: ••••22 has a space inside" in told
    page = marketer.get("/console/pool/cinema-tickets/").content.decode()
    assert "••••33" in page
    assert "CCCC-3333" not in page
    fetched = marketer.post("/console/pool/cinema-tickets/unused.csv")
    assert fetched.content.decode().split() == ["code", "AAAA-1111", "CCCC-3333"]
    assert "attachment" in fetched["Content-Disposition"]
    assert marketer.get("/console/pool/cinema-tickets/unused.csv").status_code == 405
    actions = [record.action for record in list_audit(subject="code_pool:cinema-tickets").items]
    assert actions == ["codes.downloaded", "codes.imported", "code_pool.saved"]


def test_a_bad_sheet_is_refused_and_changes_nothing(marketer: Client) -> None:
    make_pool(marketer)
    for upload in ({"sheet": io.BytesIO(b"\xff\xfa\x00\x81")}, {"text": "  "}, {}):
        answer = marketer.post("/console/pool/cinema-tickets/upload/", upload)
        assert answer.status_code == 422
    assert catalogue.get_pool("cinema-tickets").total == 0
    wide = io.BytesIO("AAAA-1111\nBBBB-2222".encode("utf-16"))
    assert marketer.post("/console/pool/cinema-tickets/upload/", {"sheet": wide}).status_code == 302
    assert catalogue.get_pool("cinema-tickets").free == 2


def test_codes_are_made_unless_they_could_be_guessed(marketer: Client) -> None:
    make_pool(marketer)
    said = {"pattern": "A-####", "alphabet": "figures", "count": "10"}
    answer = marketer.post("/console/pool/cinema-tickets/generate/", said)
    assert answer.status_code == 422
    assert "10 codes need at least 10 # in the pattern" in text_of(answer)
    assert 'value="A-####"' in answer.content.decode()
    assert catalogue.get_pool("cinema-tickets").total == 0
    said["pattern"] = "A-##########"
    assert marketer.post("/console/pool/cinema-tickets/generate/", said).status_code == 302
    assert catalogue.get_pool("cinema-tickets").free == 10


def test_a_pool_that_runs_low_warns_wherever_it_matters(staffed: Staffed, marketer: Client) -> None:
    free = catalogue.get_pool("coffee").free
    catalogue.save_pool(
        actor=SYSTEM, now=utc_now(), code="coffee", name="Coffee vouchers", alert_below=free + 1
    )
    catalogue.save_reward(
        actor=SYSTEM,
        now=utc_now(),
        reward=catalogue.RewardInput("latte", "Latte", catalogue.RewardKind.VOUCHER, 10, code_pool="coffee"),
    )
    assert "Codes are running out: Coffee vouchers" in text_of(marketer.get("/console/rewards/"))
    assert "left in its pool. Add codes" in text_of(marketer.get("/console/reward/latte/"))
    assert "You want to be warned below" in text_of(marketer.get("/console/pool/coffee/"))
    marketer.post("/console/pool/coffee/", {"name": "Coffee", "alert_below": ""})
    assert "running out" not in text_of(marketer.get("/console/rewards/"))
    assert staffed


def test_a_pool_does_not_write_over_another(marketer: Client) -> None:
    before = catalogue.get_pool("coffee")
    answer = marketer.post("/console/codes/new/", {"name": "Other", "code": "coffee"})
    assert answer.status_code == 409
    assert catalogue.get_pool("coffee") == before
    assert marketer.get("/console/pool/nowhere/").status_code == 404
