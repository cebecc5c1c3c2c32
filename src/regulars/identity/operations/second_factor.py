"""Writes of the second factor: authenticator app, recovery codes, whose role must have one, the way back."""

from collections.abc import Iterable
from datetime import datetime

import pyotp
from django.db import transaction
from django.utils.translation import gettext as _

from regulars.identity.errors import (
    OperatorUnknown,
    SealBroken,
    SecondFactorExists,
    SecondFactorMissing,
    SecondFactorWrong,
)
from regulars.identity.models import (
    Operator,
    OperatorSession,
    Passkey,
    RecoveryCode,
    RequiredFactor,
    Totp,
)
from regulars.identity.notices import Change, tell_operator
from regulars.identity.operations.checks import check_role
from regulars.identity.policies import (
    ENROLMENT_LASTS,
    SECOND_FACTOR,
    TOTP_STEP_SECONDS,
    hash_recovery_code,
    make_recovery_codes,
    read_code,
)
from regulars.identity.queries import operator_info
from regulars.identity.sealing import seal, unseal
from regulars.identity.throttling import forget_attempts, take_attempt
from regulars.identity.types import Role, SignInWay, TotpEnrolment
from regulars.kit.actor import SYSTEM, Actor
from regulars.kit.ids import OperatorId
from regulars.trail import facade as trail

TOTP_DIGITS = 6
DRIFT_STEPS = 1
"""A clock may be half a minute off, before or behind."""


@transaction.atomic(durable=True)
def begin_totp(*, operator_id: OperatorId, shop: str, now: datetime) -> TotpEnrolment:
    """A secret for an authenticator app, which counts for nothing until a code of it was given.

    The same for half an hour, so that a page may be loaded again. Locks the operator's row.
    Raises OperatorUnknown, SecondFactorExists.
    """
    operator = lock_operator(operator_id)
    row = Totp.objects.filter(operator=operator).first()
    if row is not None and row.confirmed_at is not None:
        raise SecondFactorExists(_("There is an authenticator app already. Remove it first."))
    secret = ""
    if row is not None and now - row.begun_at < ENROLMENT_LASTS:
        secret = _find_secret(row)
    if not secret:
        secret = pyotp.random_base32()
        Totp.objects.update_or_create(
            operator=operator,
            defaults={
                "sealed_secret": seal(secret, purpose=_purpose(operator_id)),
                "begun_at": now,
                "last_step": 0,
            },
        )
    uri = _totp(secret).provisioning_uri(name=operator.email, issuer_name=shop)
    return TotpEnrolment(secret, uri)


def confirm_totp(*, actor: Actor, operator_id: OperatorId, code: str, now: datetime) -> tuple[str, ...]:
    """Take an app into use with a first code of it; answer recovery codes where there were none.

    Counts the attempt first. Locks the operator's row. Raises TooManyAttempts, OperatorUnknown,
    SecondFactorMissing, SecondFactorExists, SecondFactorWrong.
    """
    take_attempt(limit=SECOND_FACTOR, subject=str(operator_id), now=now)
    with transaction.atomic(durable=True):
        operator = lock_operator(operator_id)
        row = Totp.objects.filter(operator=operator).first()
        if row is None or (row.confirmed_at is None and now - row.begun_at >= ENROLMENT_LASTS):
            raise SecondFactorMissing(_("That took too long. Begin again."))
        if row.confirmed_at is not None:
            raise SecondFactorExists(_("There is an authenticator app already. Remove it first."))
        step = _find_step(_find_secret(row), code, now)
        if step is None:
            raise SecondFactorWrong(_("This code is not right. Is your phone’s clock right?"))
        row.confirmed_at, row.last_step = now, step
        row.save(update_fields=["confirmed_at", "last_step"])
        _record(actor, operator_id, "operator.totp_added", now)
        tell_operator(operator, Change.TOTP_ADDED, now)
        codes = add_missing_codes(actor=actor, operator=operator, now=now)
    forget_attempts(limit=SECOND_FACTOR, subject=str(operator_id))
    return codes


@transaction.atomic(durable=True)
def remove_totp(*, actor: Actor, operator_id: OperatorId, now: datetime) -> None:
    """Do without the authenticator app. Recovery codes go with the last factor.

    The surface has asked for the password. Locks the operator's row.
    Raises OperatorUnknown, SecondFactorMissing.
    """
    operator = lock_operator(operator_id)
    if not Totp.objects.filter(operator=operator, confirmed_at__isnull=False).delete()[0]:
        raise SecondFactorMissing(_("There is no authenticator app."))
    _record(actor, operator_id, "operator.totp_removed", now)
    tell_operator(operator, Change.TOTP_REMOVED, now)
    drop_needless_codes(operator)


@transaction.atomic(durable=True)
def replace_recovery_codes(*, actor: Actor, operator_id: OperatorId, now: datetime) -> tuple[str, ...]:
    """Ten new codes, to show once; those of before are no longer good.

    Locks the operator's row. Raises OperatorUnknown, SecondFactorMissing.
    """
    operator = lock_operator(operator_id)
    if not has_factor(operator):
        raise SecondFactorMissing(_("Recovery codes stand in for a second factor: set one up first."))
    codes = _make_codes(operator, now)
    _record(actor, operator_id, "operator.recovery_codes_made", now)
    tell_operator(operator, Change.RECOVERY_CODES_MADE, now)
    return codes


def check_second_factor(*, operator_id: OperatorId, code: str, now: datetime) -> SignInWay:
    """Use up a code of the app or a recovery code, and answer which it was. Each is right once, ever.

    Counts the attempt first. The update of one row decides between two at once.
    Raises TooManyAttempts, SecondFactorWrong.
    """
    take_attempt(limit=SECOND_FACTOR, subject=str(operator_id), now=now)
    with transaction.atomic(durable=True):
        way = _use_totp(operator_id, code, now) or _use_recovery_code(operator_id, code, now)
        if way is None:
            _record(SYSTEM, operator_id, "operator.second_factor_refused", now)
    if way is None:
        raise SecondFactorWrong(_("This code is not right, or was used before."))
    forget_attempts(limit=SECOND_FACTOR, subject=str(operator_id))
    return way


@transaction.atomic(durable=True)
def reset_two_factor(*, actor: Actor, operator_id: OperatorId, now: datetime, reason: str = "") -> None:
    """Take every factor but the password away from an operator, and sign them out everywhere.

    For who has lost all: a password alone lets them in again. Locks the operator's row.
    Raises OperatorUnknown, SecondFactorMissing.
    """
    operator = lock_operator(operator_id)
    if not has_factor(operator):
        raise SecondFactorMissing(_("There is no second factor to take away."))
    Totp.objects.filter(operator=operator).delete()
    Passkey.objects.filter(operator=operator).delete()
    RecoveryCode.objects.filter(operator=operator).delete()
    OperatorSession.objects.filter(operator=operator).delete()
    trail.record_audit(
        actor=actor,
        now=now,
        action="operator.two_factor_reset",
        subject=f"operator:{operator_id}",
        reason=reason,
    )
    tell_operator(operator, Change.TWO_FACTOR_RESET, now)


@transaction.atomic(durable=True)
def require_two_factor(*, actor: Actor, now: datetime, roles: Iterable[str]) -> frozenset[Role]:
    """Say which roles must have a second factor, with effect on the next request of who has none.

    Locks the rows of the roles. Raises OperatorInvalid.
    """
    wanted = frozenset(check_role(role) for role in roles)
    held = frozenset(
        Role(name) for name in RequiredFactor.objects.select_for_update().values_list("role", flat=True)
    )
    if wanted == held:
        return wanted
    RequiredFactor.objects.exclude(role__in=wanted).delete()
    RequiredFactor.objects.bulk_create(
        [RequiredFactor(role=role, required_at=now) for role in sorted(wanted - held)], ignore_conflicts=True
    )
    trail.record_audit(
        actor=actor,
        now=now,
        action="team.two_factor_required",
        subject="team",
        details={"roles": sorted(wanted)},
    )
    return wanted


def has_factor(operator: Operator) -> bool:
    """Whether a password alone does not suffice."""
    return (
        Totp.objects.filter(operator=operator, confirmed_at__isnull=False).exists()
        or Passkey.objects.filter(operator=operator).exists()
    )


def add_missing_codes(*, actor: Actor, operator: Operator, now: datetime) -> tuple[str, ...]:
    """Recovery codes with the first factor; none where there are some. A step of adding a factor."""
    trail.require_transaction()
    if RecoveryCode.objects.filter(operator=operator, used_at__isnull=True).exists():
        return ()
    _record(actor, OperatorId(operator.pk), "operator.recovery_codes_made", now)
    return _make_codes(operator, now)


def drop_needless_codes(operator: Operator) -> None:
    """Recovery codes go with the last factor that they stand in for. A step of removing a factor."""
    trail.require_transaction()
    if not has_factor(operator):
        RecoveryCode.objects.filter(operator=operator).delete()


def _use_totp(operator_id: OperatorId, code: str, now: datetime) -> SignInWay | None:
    row = Totp.objects.filter(operator_id=operator_id, confirmed_at__isnull=False).first()
    step = _find_step(_find_secret(row), code, now) if row is not None else None
    if step is None:
        return None
    # The step only ever rises: of two with one code, the second finds it taken; so does an older code.
    fresh = Totp.objects.filter(operator_id=operator_id, last_step__lt=step).update(last_step=step)
    return SignInWay.TOTP if fresh else None


def _use_recovery_code(operator_id: OperatorId, code: str, now: datetime) -> SignInWay | None:
    used = RecoveryCode.objects.filter(
        operator_id=operator_id, used_at__isnull=True, code_hash=hash_recovery_code(code)
    ).update(used_at=now)
    if not used:
        return None
    operator = Operator.objects.get(id=operator_id)
    _record(operator_info(operator).actor, operator_id, "operator.recovery_code_used", now)
    tell_operator(operator, Change.RECOVERY_CODE_USED, now)
    return SignInWay.RECOVERY


def _make_codes(operator: Operator, now: datetime) -> tuple[str, ...]:
    codes = make_recovery_codes()
    RecoveryCode.objects.filter(operator=operator).delete()
    RecoveryCode.objects.bulk_create(
        [RecoveryCode(operator=operator, code_hash=hash_recovery_code(code), made_at=now) for code in codes]
    )
    return codes


def lock_operator(operator_id: OperatorId) -> Operator:
    """The operator's row, locked: factors are changed one after another. Raises OperatorUnknown."""
    row = Operator.objects.select_for_update().filter(id=operator_id).first()
    if row is None:
        raise OperatorUnknown(f"There is no operator {operator_id}.")
    return row


def _find_secret(row: Totp) -> str:
    """The secret, or nothing where it was sealed under another key: then no code is right."""
    try:
        return unseal(bytes(row.sealed_secret), purpose=_purpose(row.operator_id))
    except SealBroken:
        return ""


def _find_step(secret: str, code: str, now: datetime) -> int | None:
    """The time step whose code this is, within a step of now (RFC 6238, section 5.2)."""
    given = read_code(code)
    if not secret or len(given) != TOTP_DIGITS or not given.isascii():
        return None
    try:
        return _totp(secret).verify_and_get_timecode(given, for_time=now, valid_window=DRIFT_STEPS)
    except pyotp.OTPVerificationError:
        return None


def _totp(secret: str) -> pyotp.TOTP:
    return pyotp.TOTP(secret, digits=TOTP_DIGITS, interval=TOTP_STEP_SECONDS)


def _purpose(operator_id: int) -> str:
    return f"totp:{operator_id}"


def _record(actor: Actor, operator_id: OperatorId, action: str, now: datetime) -> None:
    trail.record_audit(actor=actor, now=now, action=action, subject=f"operator:{operator_id}")
