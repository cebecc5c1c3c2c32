"""Operators: creating, signing in, roles, and what must not go wrong with them."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.hashers import identify_hasher
from django.db import IntegrityError, transaction

from regulars.identity import facade as identity
from regulars.identity.facade import OperatorInfo, Permission, Role, SignInWay
from regulars.identity.models import Operator
from regulars.identity.operations import signing_in
from regulars.identity.policies import PERMISSIONS, SIGN_IN_BY_ADDRESS, SIGN_IN_BY_EMAIL, SIGN_IN_BY_PAIR
from regulars.kit.actor import SYSTEM
from regulars.kit.ids import OperatorId
from regulars.trail import facade as trail

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
PASSWORD = "a long enough phrase"
pytestmark = pytest.mark.django_db


def create(email: str = "olga@example.org", role: Role = Role.OWNER) -> OperatorInfo:
    return identity.create_operator(
        actor=SYSTEM, now=NOW, email=email, password=PASSWORD, role=role, name="Olga"
    )


def sign_in(email: str = "olga@example.org", password: str = PASSWORD, **over: object) -> OperatorInfo:
    given: dict[str, object] = {"address": "192.0.2.1", "now": NOW} | over
    return identity.check_operator_password(email=email, password=password, **given)  # type: ignore[arg-type]


@pytest.fixture
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Scrypt is slow on purpose; where only counting is tested, comparing is enough."""
    monkeypatch.setattr(signing_in, "check_password", lambda given, _kept: given == PASSWORD)
    monkeypatch.setattr(signing_in, "make_password", lambda _given: "")


def test_an_operator_signs_in_with_the_address_in_any_case() -> None:
    olga = create(" Olga@Example.org ")
    assert (olga.email, olga.role, olga.active) == ("olga@example.org", Role.OWNER, True)
    assert identify_hasher(Operator.objects.get().password).algorithm == "scrypt"
    assert sign_in("OLGA@example.org").id == olga.id
    assert identity.get_operator(olga.id).last_sign_in_at is None
    identity.open_operator_session(
        operator_id=olga.id, way=SignInWay.PASSWORD, agent="", address="192.0.2.1", now=NOW
    )
    assert identity.get_operator(olga.id).last_sign_in_at == NOW
    assert [record.action for record in trail.list_audit(subject=f"operator:{olga.id}").items] == [
        "operator.signed_in",
        "operator.created",
    ]


def test_a_second_operator_with_the_address_is_refused() -> None:
    olga = create()
    with pytest.raises(identity.OperatorExists):
        create("OLGA@example.org", Role.SUPPORT)
    assert identity.list_operators() == [olga]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"email": "olga"}, "email"),
        ({"password": "short"}, "password"),
        ({"password": "password1234"}, "password"),
        ({"role": "king"}, "role"),
        ({"name": "x" * 121}, "name"),
    ],
)
def test_what_makes_no_operator_is_refused(change: dict[str, str], field: str) -> None:
    given = {"email": "olga@example.org", "password": PASSWORD, "role": Role.OWNER} | change
    with pytest.raises(identity.OperatorInvalid) as refusal:
        identity.create_operator(actor=SYSTEM, now=NOW, **given)  # type: ignore[arg-type]
    assert refusal.value.extra["field"] == field
    assert identity.list_operators() == []
    assert trail.list_audit().items == ()


def test_the_database_refuses_unknown_roles_and_capital_addresses() -> None:
    olga = create()
    for change in ({"role": "king"}, {"email": "Olga@example.org"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Operator.objects.filter(id=olga.id).update(**change)


@pytest.mark.parametrize("email", ["olga@example.org", "nobody@example.org"])
def test_a_wrong_sign_in_says_the_same_for_every_cause(email: str) -> None:
    create()
    with pytest.raises(identity.SignInRefused) as refusal:
        sign_in(email, "something else")
    assert refusal.value.detail == "E-mail and password do not go together."
    assert identity.list_operators()[0].last_sign_in_at is None
    for record in trail.list_audit(action="operator.sign_in_refused").items:
        assert record.actor == SYSTEM


def test_who_works_no_more_cannot_sign_in() -> None:
    create()
    sam = create("sam@example.org", Role.SUPPORT)
    identity.change_operator(actor=SYSTEM, now=NOW, operator_id=sam.id, active=False)
    with pytest.raises(identity.SignInRefused):
        sign_in("sam@example.org")
    assert not identity.can(identity.get_operator(sam.id), Permission.MEMBERS_VIEW)


@pytest.mark.usefixtures("cheap_passwords")
def test_guessing_is_limited_for_each_address_of_an_operator() -> None:
    create()
    create("sam@example.org", Role.SUPPORT)
    for _ in range(SIGN_IN_BY_PAIR.attempts):
        with pytest.raises(identity.SignInRefused):
            sign_in(password="guess")
    with pytest.raises(identity.TooManyAttempts) as refusal:
        sign_in()
    assert refusal.value.extra["retry_after_seconds"] == 15 * 60
    assert sign_in("sam@example.org").email == "sam@example.org"
    assert sign_in(now=NOW + SIGN_IN_BY_PAIR.window).email == "olga@example.org"


@pytest.mark.usefixtures("cheap_passwords")
def test_strangers_elsewhere_do_not_lock_the_owner_out_until_they_are_very_many() -> None:
    create()
    for number in range(SIGN_IN_BY_EMAIL.attempts - 1):
        with pytest.raises(identity.SignInRefused):
            sign_in(password="guess", address=f"198.51.100.{number // SIGN_IN_BY_PAIR.attempts}")
    assert sign_in().email == "olga@example.org"
    with pytest.raises(identity.TooManyAttempts):
        sign_in(address="198.51.100.250")


@pytest.mark.usefixtures("cheap_passwords")
def test_guessing_is_limited_for_each_network_address() -> None:
    create()
    for number in range(SIGN_IN_BY_ADDRESS.attempts):
        with pytest.raises(identity.SignInRefused):
            sign_in(f"guess{number}@example.org", "guess")
    with pytest.raises(identity.TooManyAttempts):
        sign_in()
    assert sign_in(address="192.0.2.2").email == "olga@example.org"


@pytest.mark.usefixtures("cheap_passwords")
def test_a_refused_attempt_does_not_prolong_the_window_and_a_success_begins_it_afresh() -> None:
    create()
    for _ in range(SIGN_IN_BY_PAIR.attempts - 1):
        with pytest.raises(identity.SignInRefused):
            sign_in(password="guess")
    sign_in()
    for minute in range(SIGN_IN_BY_PAIR.attempts):
        with pytest.raises(identity.SignInRefused):
            sign_in(password="guess", now=NOW + timedelta(minutes=minute))
    with pytest.raises(identity.TooManyAttempts):
        sign_in(now=NOW + timedelta(minutes=14))
    sign_in(now=NOW + timedelta(minutes=15))


def test_one_owner_must_remain() -> None:
    olga = create()
    sam = create("sam@example.org", Role.SUPPORT)
    for change in ({"role": Role.SUPPORT}, {"active": False}):
        with pytest.raises(identity.LastOwner):
            identity.change_operator(actor=SYSTEM, now=NOW, operator_id=olga.id, **change)  # type: ignore[arg-type]
    assert identity.get_operator(olga.id) == olga
    identity.change_operator(actor=SYSTEM, now=NOW, operator_id=sam.id, role=Role.OWNER)
    changed = identity.change_operator(actor=SYSTEM, now=NOW, operator_id=olga.id, role=Role.SUPPORT)
    assert changed.role is Role.SUPPORT


def test_another_password_replaces_the_old_one() -> None:
    olga = create()
    with pytest.raises(identity.OperatorInvalid):
        identity.change_password(actor=SYSTEM, now=NOW, operator_id=olga.id, password="short")
    sign_in()
    identity.change_password(actor=SYSTEM, now=NOW, operator_id=olga.id, password="quite another phrase")
    with pytest.raises(identity.SignInRefused):
        sign_in()
    sign_in(password="quite another phrase")


def test_unknown_operators() -> None:
    ghost = OperatorId(404)
    with pytest.raises(identity.OperatorUnknown):
        identity.get_operator(ghost)
    with pytest.raises(identity.OperatorUnknown):
        identity.change_operator(actor=SYSTEM, now=NOW, operator_id=ghost, active=False)
    with pytest.raises(identity.OperatorUnknown):
        identity.change_password(actor=SYSTEM, now=NOW, operator_id=ghost, password=PASSWORD)
    assert identity.find_operator("ghost@example.org") is None


def test_every_role_has_a_line_and_only_owners_manage_operators() -> None:
    assert PERMISSIONS.keys() == set(Role)
    assert {role for role in Role if Permission.OPERATORS_MANAGE in PERMISSIONS[role]} == {Role.OWNER}
    for role in Role:
        who = OperatorInfo(OperatorId(1), "x@example.org", "", role, True, NOW)
        assert identity.can(who, Permission.MEMBERS_VIEW)
        for permission in Permission:
            if identity.can(who, permission):
                identity.check_can(who, permission)
            else:
                with pytest.raises(identity.PermissionMissing):
                    identity.check_can(who, permission)
