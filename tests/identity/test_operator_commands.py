"""`regulars operator`: inviting, and the way back for who has lost everything."""

import pytest
from click import Command
from click.testing import CliRunner

from regulars.cli import operator as commands
from regulars.identity import facade as identity
from regulars.identity.facade import OperatorInfo, Role
from regulars.kit.clock import utc_now
from regulars.trail import facade as trail
from tests.identity.conftest import PASSWORD, set_up_app


def run(command: Command, **given: str) -> None:
    """The command inside its start of the database: the test has one already."""
    command.callback.__wrapped__(**given)  # type: ignore[union-attr]


def test_who_has_lost_everything_gets_back_in(olga: OperatorInfo, capsys: pytest.CaptureFixture[str]) -> None:
    set_up_app(olga.id)
    identity.require_two_factor(actor=olga.actor, now=utc_now(), roles=[Role.OWNER])
    run(commands.list_)
    assert "olga@example.org  owner  never seen, two-factor" in capsys.readouterr().out
    run(commands.reset_two_factor, email="OLGA@example.org", reason="the phone fell into the sea")
    said = capsys.readouterr().out
    assert "signs in with the password alone" in said
    assert "led to set one up" in said
    assert not identity.get_two_factor(olga.id).on
    (record,) = trail.list_audit(action="operator.two_factor_reset").items
    assert (str(record.actor), record.reason) == ("system", "the phone fell into the sea")
    with pytest.raises(identity.SecondFactorMissing):
        run(commands.reset_two_factor, email="olga@example.org", reason="again")
    with pytest.raises(identity.OperatorUnknown):
        run(commands.sign_out, email="nobody@example.org")


def test_a_reason_is_needed() -> None:
    refused = CliRunner().invoke(commands.operator, ["reset-two-factor", "olga@example.org"])
    assert refused.exit_code == 2
    assert "--reason" in refused.output


def test_an_invitation_from_the_terminal(olga: OperatorInfo, capsys: pytest.CaptureFixture[str]) -> None:
    run(commands.invite, email="nia@example.org", role="read_only", name="", address="https://shop.example/")
    link = capsys.readouterr().out.strip()
    assert link.startswith("https://shop.example/console/invitation/")
    token = link.rstrip("/").rpartition("/")[2]
    run(commands.list_)
    assert "nia@example.org  read_only  invited until" in capsys.readouterr().out
    nia = identity.accept_invitation(token=token, name="Nia", password=PASSWORD, now=utc_now())
    assert nia.role is Role.READ_ONLY
