"""The authenticator app and recovery codes: proved first, right once, sealed or hashed; the way back."""

from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest

from regulars.delivery.models import Email
from regulars.identity import facade as identity
from regulars.identity.facade import OperatorInfo, Role, SignInWay
from regulars.identity.models import RecoveryCode, Totp
from regulars.identity.operations import second_factor
from regulars.identity.policies import ENROLMENT_LASTS, RECOVERY_CODES, SECOND_FACTOR
from regulars.identity.sealing import seal, unseal
from regulars.kit.actor import SYSTEM
from regulars.kit.ids import OperatorId
from regulars.trail import facade as trail
from tests.activity.together import run_together
from tests.identity.conftest import NOW, code_at, hire, set_up_app

STEP = timedelta(seconds=30)
PAUSE = Barrier(2)


def try_code(who: OperatorInfo, code: str, now: Any = NOW) -> SignInWay | None:
    try:
        return identity.check_second_factor(operator_id=who.id, code=code, now=now)
    except identity.SecondFactorWrong:
        return None


def test_an_app_counts_for_nothing_until_a_code_of_it_was_given(olga: OperatorInfo) -> None:
    begun = identity.begin_totp(operator_id=olga.id, shop="Corner Shop", now=NOW)
    assert begun.uri.startswith("otpauth://totp/Corner%20Shop:olga%40example.org?")
    assert identity.begin_totp(operator_id=olga.id, shop="Corner Shop", now=NOW + STEP) == begun
    assert not identity.get_two_factor(olga.id).on
    assert try_code(olga, code_at(begun.secret)) is None
    with pytest.raises(identity.SecondFactorWrong):
        identity.confirm_totp(actor=SYSTEM, operator_id=olga.id, code="000000", now=NOW)
    assert not identity.get_two_factor(olga.id).on
    codes = identity.confirm_totp(actor=SYSTEM, operator_id=olga.id, code=code_at(begun.secret), now=NOW)
    held = identity.get_two_factor(olga.id)
    assert (held.on, held.totp_since, held.codes_left) == (True, NOW, RECOVERY_CODES)
    assert len(set(codes)) == RECOVERY_CODES
    with pytest.raises(identity.SecondFactorExists):
        identity.begin_totp(operator_id=olga.id, shop="Corner Shop", now=NOW)


def test_what_is_begun_and_left_is_begun_anew(olga: OperatorInfo) -> None:
    begun = identity.begin_totp(operator_id=olga.id, shop="x", now=NOW)
    later = NOW + ENROLMENT_LASTS
    with pytest.raises(identity.SecondFactorMissing):
        identity.confirm_totp(actor=SYSTEM, operator_id=olga.id, code=code_at(begun.secret, later), now=later)
    assert identity.begin_totp(operator_id=olga.id, shop="x", now=later).secret != begun.secret
    identity.purge_sign_ins(now=later + ENROLMENT_LASTS)
    assert not Totp.objects.exists()


def test_a_code_is_right_once_and_an_older_one_never_after_it(olga: OperatorInfo) -> None:
    secret, _codes = set_up_app(olga.id)
    assert try_code(olga, code_at(secret)) is None, "it was used to set the app up"
    later = NOW + 10 * STEP
    before, this, after = (code_at(secret, later + n * STEP) for n in (-1, 0, 1))
    assert try_code(olga, f" {this[:3]} {this[3:]} ", later) is SignInWay.TOTP
    assert try_code(olga, this, later) is None
    assert try_code(olga, before, later) is None
    assert try_code(olga, after, later) is SignInWay.TOTP
    far = code_at(secret, later + 20 * STEP)
    assert try_code(olga, far, later) is None
    for nonsense in ("", "12345", "1234567", "١٢٣٤٥٦", "x" * 10_000, "\0"):
        assert try_code(olga, nonsense, later) is None


def test_a_recovery_code_is_right_once_however_it_is_typed(olga: OperatorInfo) -> None:
    _secret, codes = set_up_app(olga.id)
    assert try_code(olga, codes[3].upper().replace("-", " ")) is SignInWay.RECOVERY
    assert try_code(olga, codes[3]) is None
    assert identity.get_two_factor(olga.id).codes_left == 9
    other = hire("sam@example.org")
    set_up_app(other.id)
    assert try_code(other, codes[4]) is None
    fresh = identity.replace_recovery_codes(actor=SYSTEM, operator_id=olga.id, now=NOW)
    assert try_code(olga, codes[4]) is None
    assert try_code(olga, fresh[4]) is SignInWay.RECOVERY
    actions = [record.action for record in trail.list_audit(subject=f"operator:{olga.id}").items]
    assert actions.count("operator.recovery_code_used") == 2
    assert actions.count("operator.second_factor_refused") == 2


def test_secrets_are_sealed_and_codes_hashed_at_rest(olga: OperatorInfo) -> None:
    secret, codes = set_up_app(olga.id)
    kept = repr(list(Totp.objects.values())) + repr(list(RecoveryCode.objects.values()))
    kept += repr(trail.list_audit().items)
    assert secret not in kept
    assert not [code for code in codes if code in kept or code.replace("-", "") in kept]
    sealed = bytes(Totp.objects.get().sealed_secret)
    assert unseal(sealed, purpose=f"totp:{olga.id}") == secret
    for wrong in (sealed[:-1] + bytes([sealed[-1] ^ 1]), seal(secret, purpose="totp:0"), b"\0" * 40):
        with pytest.raises(identity.SealBroken):
            unseal(wrong, purpose=f"totp:{olga.id}")
    assert seal(secret, purpose="x") != seal(secret, purpose="x")


def test_under_another_key_no_code_is_right_and_recovery_codes_still_are(
    olga: OperatorInfo, settings: Any
) -> None:
    secret, codes = set_up_app(olga.id)
    settings.SECRET_KEY = "another one, after a restore that went wrong"
    later = NOW + 10 * STEP
    assert try_code(olga, code_at(secret, later), later) is None
    assert try_code(olga, codes[0], later) is SignInWay.RECOVERY


def test_guessing_ends_and_waiting_helps(olga: OperatorInfo) -> None:
    secret, codes = set_up_app(olga.id)
    later = NOW + SECOND_FACTOR.window
    for _n in range(SECOND_FACTOR.attempts):
        assert try_code(olga, "000000", later) is None
    with pytest.raises(identity.TooManyAttempts):
        try_code(olga, code_at(secret, later), later)
    with pytest.raises(identity.TooManyAttempts):
        try_code(olga, codes[0], later)
    assert identity.get_two_factor(olga.id).codes_left == RECOVERY_CODES
    again = later + SECOND_FACTOR.window
    assert try_code(olga, code_at(secret, again), again) is SignInWay.TOTP


def test_recovery_codes_go_with_the_last_factor(olga: OperatorInfo) -> None:
    set_up_app(olga.id)
    identity.remove_totp(actor=olga.actor, operator_id=olga.id, now=NOW)
    held = identity.get_two_factor(olga.id)
    assert (held.on, held.codes_left) == (False, 0)
    for step in (identity.remove_totp, identity.replace_recovery_codes, identity.reset_two_factor):
        with pytest.raises(identity.SecondFactorMissing):
            step(actor=olga.actor, operator_id=olga.id, now=NOW)


def test_a_reset_takes_all_but_the_password_and_ends_sessions(olga: OperatorInfo) -> None:
    sam = hire("sam@example.org")
    secret, codes = set_up_app(sam.id)
    set_up_app(olga.id)
    identity.open_operator_session(operator_id=sam.id, way=SignInWay.TOTP, agent="", address="", now=NOW)
    identity.reset_two_factor(actor=olga.actor, operator_id=sam.id, now=NOW, reason="lost the phone")
    assert not identity.get_two_factor(sam.id).on
    assert identity.list_operator_sessions(sam.id, NOW) == []
    later = NOW + 10 * STEP
    assert try_code(sam, codes[0], later) is try_code(sam, code_at(secret, later), later) is None
    assert identity.get_two_factor(olga.id).on
    (latest,) = trail.list_audit(action="operator.two_factor_reset").items
    assert (latest.actor, latest.reason) == (olga.actor, "lost the phone")


def test_a_rule_names_roles_and_says_who_is_bare(olga: OperatorInfo) -> None:
    wanted = {Role.OWNER, Role.SUPPORT}
    assert identity.require_two_factor(actor=olga.actor, now=NOW, roles=wanted) == wanted
    assert identity.list_required_roles() == wanted
    assert identity.get_two_factor(olga.id).required
    with pytest.raises(identity.OperatorInvalid):
        identity.require_two_factor(actor=olga.actor, now=NOW, roles=["king"])
    assert identity.list_required_roles() == wanted
    identity.require_two_factor(actor=olga.actor, now=NOW, roles=wanted)
    assert len(trail.list_audit(action="team.two_factor_required").items) == 1
    assert identity.require_two_factor(actor=olga.actor, now=NOW, roles=[]) == frozenset()
    assert identity.list_protected() == frozenset()
    set_up_app(olga.id)
    assert identity.list_protected() == {olga.id}


def test_operators_are_told_by_mail_where_it_is_set_up(olga: OperatorInfo, settings: Any) -> None:
    set_up_app(olga.id)
    assert not Email.objects.exists(), "no mail server is named"
    settings.MAIL_IS_SET_UP = True
    identity.change_profile(
        actor=olga.actor, now=NOW, operator_id=olga.id, name="Olga", language="en", time_zone=""
    )
    identity.replace_recovery_codes(actor=olga.actor, operator_id=olga.id, now=NOW)
    identity.remove_totp(actor=olga.actor, operator_id=olga.id, now=NOW)
    identity.change_password(actor=olga.actor, now=NOW, operator_id=olga.id, password="quite another phrase")
    assert [mail.recipient for mail in Email.objects.all()] == ["olga@example.org"] * 3
    assert list(Email.objects.order_by("id").values_list("subject", flat=True)) == [
        "New recovery codes were made",
        "Your authenticator app was removed",
        "Your password was changed",
    ]


def use_unconditionally(operator_id: OperatorId, code: str, now: Any) -> SignInWay | None:
    """The control: looks, and then writes whatever another has written meanwhile."""
    row = Totp.objects.get(operator_id=operator_id)
    step = second_factor._find_step(
        unseal(bytes(row.sealed_secret), purpose=f"totp:{operator_id}"), code, now
    )
    if step is None or step <= row.last_step:
        return None
    PAUSE.wait(10)
    Totp.objects.filter(operator_id=operator_id).update(last_step=step)
    return SignInWay.TOTP


@pytest.mark.slow  # commits, on connections of its own
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_control", [False, True])
def test_of_two_with_one_code_at_once_one_gets_in(
    is_control: bool, quick_hashes: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if is_control:
        monkeypatch.setattr(second_factor, "_use_totp", use_unconditionally)
    who = hire("olga@example.org")
    secret, _codes = set_up_app(who.id)
    later = NOW + 10 * STEP
    code = code_at(secret, later)
    ways = run_together(*[lambda: try_code(who, code, later)] * 2)
    assert ways.count(SignInWay.TOTP) == (2 if is_control else 1)
