"""Passkeys, answered by a device in software that truly signs: what is accepted, and which lies are not."""

from datetime import timedelta

import pytest

from regulars.identity import facade as identity
from regulars.identity.facade import OperatorInfo, Site
from regulars.identity.models import Passkey
from regulars.identity.policies import RECOVERY_CODES
from regulars.kit.actor import SYSTEM
from regulars.trail import facade as trail
from tests.identity.conftest import NOW, hire
from tests.identity.devices import PRESENT, SITE, Device

ELSEWHERE = Site("other.example", "Other", frozenset({"https://other.example"}))


def register(who: OperatorInfo, device: Device, label: str = "Laptop") -> tuple[identity.PasskeyInfo, tuple]:
    options, state = identity.begin_passkey(operator_id=who.id, site=SITE)
    return identity.add_passkey(
        actor=who.actor,
        operator_id=who.id,
        site=SITE,
        state=state,
        answer=device.make(options),
        label=label,
        now=NOW,
    )


def enter(device: Device, who: OperatorInfo | None = None, site: Site = SITE) -> OperatorInfo | None:
    options, state = identity.ask_for_passkey(site=site, operator_id=who.id if who else None)
    try:
        return identity.check_passkey(
            site=site,
            state=state,
            answer=device.sign(options),
            now=NOW + timedelta(minutes=1),
            operator_id=who.id if who else None,
        )
    except identity.SecondFactorWrong:
        return None


def test_a_passkey_lets_its_owner_in_with_and_without_a_name(olga: OperatorInfo) -> None:
    device = Device()
    made, codes = register(olga, device, "  Work  laptop ")
    assert (made.label, len(codes)) == ("Work laptop", RECOVERY_CODES)
    found = enter(device)
    assert found is not None
    assert found.id == olga.id
    assert enter(device, olga) == found
    held = identity.get_two_factor(olga.id)
    assert (held.on, held.passkeys[0].last_used_at) == (True, NOW + timedelta(minutes=1))
    _second, none = register(olga, Device(credential_id=b"another"))
    assert none == (), "there are recovery codes already"


def test_what_is_asked_for(olga: OperatorInfo) -> None:
    register(olga, Device())
    options, _state = identity.begin_passkey(operator_id=olga.id, site=SITE)
    assert options["rp"]["id"] == "shop.example"
    assert options["authenticatorSelection"]["residentKey"] == "required"
    assert options["authenticatorSelection"]["userVerification"] == "required"
    assert len(options["excludeCredentials"]) == 1
    assert "olga" not in options["user"]["id"]
    anybody, _state = identity.ask_for_passkey(site=SITE)
    assert not anybody.get("allowCredentials")
    own, _state = identity.ask_for_passkey(site=SITE, operator_id=olga.id)
    assert len(own["allowCredentials"]) == 1


@pytest.mark.parametrize(
    "lie",
    [
        {"origin": "https://shop.example.evil"},
        {"origin": "http://shop.example"},
        {"rp_id": "evil.example"},
        {"flags": PRESENT},
        {"flags": 0},
    ],
)
def test_one_made_elsewhere_or_unverified_is_refused(olga: OperatorInfo, lie: dict[str, object]) -> None:
    with pytest.raises(identity.PasskeyRefused):
        register(olga, Device(**lie))  # type: ignore[arg-type]
    assert not identity.get_two_factor(olga.id).on
    assert trail.list_audit(action="operator.passkey_added").items == ()


@pytest.mark.parametrize(
    "lie",
    [
        {"origin": "https://shop.example.evil"},
        {"rp_id": "evil.example"},
        {"flags": PRESENT},
        {"key": Device().key},
        {"credential_id": b"unknown"},
    ],
)
def test_a_wrong_answer_lets_nobody_in(olga: OperatorInfo, lie: dict[str, object]) -> None:
    device = Device()
    register(olga, device)
    for name, value in lie.items():
        setattr(device, name, value)
    assert enter(device) is None
    assert Passkey.objects.get().last_used_at is None


def test_an_answer_to_another_challenge_or_site_is_refused(olga: OperatorInfo) -> None:
    device = Device()
    register(olga, device)
    first, _state = identity.ask_for_passkey(site=SITE)
    _second, state = identity.ask_for_passkey(site=SITE)
    for answer in (device.sign(first), {}, {"id": "x"}, {"response": []}):
        with pytest.raises(identity.SecondFactorWrong):
            identity.check_passkey(site=SITE, state=state, answer=answer, now=NOW)
        with pytest.raises(identity.SecondFactorWrong):
            identity.check_passkey(site=SITE, state={}, answer=answer, now=NOW)
    assert enter(device, site=ELSEWHERE) is None


def test_a_counter_that_does_not_rise_betrays_a_copy(olga: OperatorInfo) -> None:
    device = Device(counter=7)
    register(olga, device)
    assert enter(device) is not None
    device.counter = 6
    assert enter(device) is None
    device.counter = 0
    assert enter(device) is None
    assert len(trail.list_audit(action="operator.passkey_counter_refused").items) == 2
    device.counter = 8
    assert enter(device) is not None


def test_nobody_gets_in_by_anothers_passkey_or_after_leaving(olga: OperatorInfo) -> None:
    sam, device = hire("sam@example.org"), Device()
    register(sam, device)
    assert enter(device, olga) is None
    with pytest.raises(identity.PasskeyRefused):
        register(olga, device)
    with pytest.raises(identity.PasskeyUnknown):
        number = identity.get_two_factor(sam.id).passkeys[0].number
        identity.remove_passkey(actor=olga.actor, operator_id=olga.id, number=number, now=NOW)
    identity.change_operator(actor=SYSTEM, now=NOW, operator_id=sam.id, active=False)
    assert enter(device) is None
    identity.change_operator(actor=SYSTEM, now=NOW, operator_id=sam.id, active=True)
    assert enter(device) is not None
    identity.remove_passkey(actor=sam.actor, operator_id=sam.id, number=number, now=NOW)
    assert enter(device) is None
    assert identity.get_two_factor(sam.id).codes_left == 0
