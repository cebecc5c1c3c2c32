"""A member takes their entries along, with the proof that they are in the sealed ledger."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.test import Client

from regulars.kit.actor import SYSTEM
from regulars.kit.ids import MemberId
from regulars.ledger import facade as ledger
from regulars.proofs import facade as proofs
from tests.store.shop import Shop

SignIn = Callable[[MemberId], Client]


def download(client: Client) -> Any:
    response = client.get("/history/proof/")
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/json"
    assert 'attachment; filename="statement-' in response.headers["Content-Disposition"]
    assert "private" in response.headers["Cache-Control"]
    return proofs.parse_json(response.getvalue().decode(), "the download")


def test_a_member_downloads_what_a_checker_accepts(
    shop: Shop, sign_in_as: SignIn, settings: Any, tmp_path: Path
) -> None:
    settings.SIGNING_DIR, settings.CHECKPOINTS_DIR = tmp_path / "signing", tmp_path / "checkpoints"
    client = sign_in_as(shop.anna)
    (before,) = proofs.check_statement(proofs.read_statement(download(client)), [])
    assert not before.holds and "before the first sealing" in before.sentence
    ledger.seal_ledger(actor=SYSTEM, now=shop.now)
    (key,) = ledger.list_signing_keys()
    statement = proofs.read_statement(download(client))
    assert statement.member_id == shop.anna
    assert {wallet.currency for wallet in statement.wallets} >= {"points"}
    assert all(finding.holds for finding in proofs.check_statement(statement, [key.public_key]))
    assert "/history/proof/" in client.get("/history/").content.decode()


def test_a_stranger_is_asked_to_sign_in(shop: Shop) -> None:
    response = Client().get("/history/proof/")
    assert (response.status_code, response.headers["Location"]) == (
        302,
        "/sign-in/?next=%2Fhistory%2Fproof%2F",
    )
