"""Invitations: a link that is good once, for a week, and only as long as whoever sent it may."""

from typing import Any

import pytest

from regulars.delivery.models import Email
from regulars.identity import facade as identity
from regulars.identity.facade import InvitationInfo, OperatorInfo, Role
from regulars.identity.models import Invitation
from regulars.identity.policies import INVITATION_LASTS
from regulars.kit.actor import SYSTEM
from regulars.trail import facade as trail
from tests.activity.together import run_together
from tests.identity.conftest import NOW, PASSWORD, hire


def invite(by: OperatorInfo | None, email: str = "nia@example.org", role: Role = Role.FINANCE):
    return identity.invite_operator(
        actor=by.actor if by else SYSTEM,
        now=NOW,
        email=email,
        name="Nia",
        role=role,
        link_of=lambda token: f"https://shop.example/{token}",
        shop="Corner Shop",
    )


def accept(token: str, now: Any = NOW, password: str = PASSWORD) -> OperatorInfo:
    return identity.accept_invitation(token=token, name="", password=password, now=now)


def resend(by: OperatorInfo, sent: InvitationInfo, now: Any = NOW) -> str:
    _info, token, _mailed = identity.resend_invitation(
        actor=by.actor, now=now, number=sent.number, link_of=str, shop="Corner Shop"
    )
    return token


def test_an_invitation_is_accepted_once(olga: OperatorInfo) -> None:
    sent, token, mailed = invite(olga, " Nia@Example.org ")
    assert (sent.email, sent.invited_by, mailed) == ("nia@example.org", olga.id, False)
    assert identity.find_invitation(token, NOW) == sent
    assert identity.list_invitations() == [sent]
    with pytest.raises(identity.OperatorInvalid):
        accept(token, password="short")
    nia = accept(token)
    assert (nia.email, nia.name, nia.role) == ("nia@example.org", "Nia", Role.FINANCE)
    assert identity.list_invitations() == []
    with pytest.raises(identity.InvitationUnknown):
        accept(token)
    assert len(identity.list_operators()) == 2
    assert [record.action for record in trail.list_audit(subject=f"operator:{nia.id}").items] == [
        "invitation.accepted"
    ]


def test_the_link_is_not_kept(olga: OperatorInfo) -> None:
    _sent, token, _mailed = invite(olga)
    assert token not in repr(list(Invitation.objects.values())) + repr(trail.list_audit().items)


def test_it_ends_by_time_by_withdrawal_and_by_a_newer_link(olga: OperatorInfo) -> None:
    sent, old, _mailed = invite(olga)
    new = resend(olga, sent)
    later = NOW + INVITATION_LASTS
    for token, now in ((old, NOW), (new, later), ("made up", NOW), ("", NOW)):
        assert identity.find_invitation(token, now) is None
        with pytest.raises(identity.InvitationUnknown):
            accept(token, now)
    newest = resend(olga, sent, later)
    assert identity.find_invitation(newest, later) is not None
    identity.revoke_invitation(actor=olga.actor, now=later, number=sent.number)
    with pytest.raises(identity.InvitationUnknown):
        accept(newest, later)
    with pytest.raises(identity.InvitationUnknown):
        resend(olga, sent)
    assert len(identity.list_operators()) == 1


def test_a_leaver_leaves_no_way_back(olga: OperatorInfo) -> None:
    otto = hire("otto@example.org", Role.OWNER)
    sent, token, _mailed = invite(otto, role=Role.OWNER)
    _other, from_terminal, _mailed = invite(None, "kim@example.org")
    identity.change_operator(actor=olga.actor, now=NOW, operator_id=otto.id, role=Role.SUPPORT)
    with pytest.raises(identity.InvitationUnknown):
        accept(token)
    assert accept(from_terminal).email == "kim@example.org"
    assert accept(resend(olga, sent)).role is Role.OWNER


def test_who_works_here_or_is_invited_is_not_invited_again(olga: OperatorInfo) -> None:
    invite(olga)
    with pytest.raises(identity.InvitationExists):
        invite(olga)
    with pytest.raises(identity.OperatorExists):
        invite(olga, "olga@example.org")
    for email, role in (("no address", Role.OWNER), ("x@example.org", "king")):
        with pytest.raises(identity.OperatorInvalid):
            invite(olga, email, role)  # type: ignore[arg-type]
    assert len(identity.list_invitations()) == 1


def test_the_link_goes_by_mail_where_it_is_set_up(olga: OperatorInfo, settings: Any) -> None:
    settings.MAIL_IS_SET_UP = True
    _sent, token, mailed = invite(olga)
    mail = Email.objects.get()
    assert mailed
    assert mail.recipient == "nia@example.org"
    assert f"https://shop.example/{token}" in mail.text
    assert "olga@example.org invites you" in mail.text


@pytest.mark.slow  # commits, on connections of its own
@pytest.mark.django_db(transaction=True)
def test_of_two_who_accept_at_once_one_becomes_an_operator(quick_hashes: None) -> None:
    _sent, token, _mailed = invite(None)

    def try_it() -> OperatorInfo | None:
        try:
            return accept(token)
        except identity.InvitationUnknown:
            return None

    taken = run_together(try_it, try_it)
    assert taken.count(None) == 1
    assert len(identity.list_operators()) == 1
