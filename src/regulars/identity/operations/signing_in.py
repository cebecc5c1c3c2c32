"""Proving to be an operator by password, and keeping where they are signed in."""

from datetime import datetime

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.utils.translation import gettext as _

from regulars.identity.endings import end_sessions
from regulars.identity.errors import OperatorUnknown, PasswordWrong, SignInRefused
from regulars.identity.models import Operator, OperatorSession
from regulars.identity.policies import (
    PASSWORD_AGAIN,
    SIGN_IN_BY_ADDRESS,
    SIGN_IN_BY_EMAIL,
    SIGN_IN_BY_PAIR,
)
from regulars.identity.queries import operator_info
from regulars.identity.throttling import forget_attempts, take_attempt
from regulars.identity.types import OperatorInfo, SignInWay
from regulars.kit.actor import SYSTEM, Actor
from regulars.kit.ids import OperatorId
from regulars.trail import facade as trail

AGENT_LENGTH_MAX = 300
ADDRESS_LENGTH_MAX = 45


def check_operator_password(*, email: str, password: str, address: str, now: datetime) -> OperatorInfo:
    """The operator whose e-mail and password these are; not signed in by it, a second factor may be due.

    Counts the attempt first, by network address, by both and by e-mail, in transactions of its own; a
    success begins the count of the two together afresh. An unknown e-mail costs as much time as a wrong
    password. Locks nothing for long. Raises TooManyAttempts, SignInRefused (one sentence for every cause).
    """
    email = email.strip().lower()
    take_attempt(limit=SIGN_IN_BY_ADDRESS, subject=address, now=now)
    pair = f"{address} {email}"
    take_attempt(limit=SIGN_IN_BY_PAIR, subject=pair, now=now)
    take_attempt(limit=SIGN_IN_BY_EMAIL, subject=email, now=now)
    row = Operator.objects.filter(email=email).first()
    if row is None:
        make_password(password)
    right = row is not None and check_password(password, row.password)
    with transaction.atomic(durable=True):
        if row is None or not right or not row.is_active:
            if row is not None:
                # Not the operator: nobody proved to be them.
                trail.record_audit(
                    actor=SYSTEM,
                    now=now,
                    action="operator.sign_in_refused",
                    subject=f"operator:{row.pk}",
                )
        else:
            forget_attempts(limit=SIGN_IN_BY_PAIR, subject=pair)
            return operator_info(row)
    raise SignInRefused(_("E-mail and password do not go together."))


def check_password_again(*, operator_id: OperatorId, password: str, now: datetime) -> None:
    """Make sure that it is the operator who asks for something grave, not somebody at their open browser.

    Counts the attempt first. Locks nothing. Raises TooManyAttempts, PasswordWrong, OperatorUnknown.
    """
    take_attempt(limit=PASSWORD_AGAIN, subject=str(operator_id), now=now)
    row = Operator.objects.filter(id=operator_id).first()
    if row is None:
        raise OperatorUnknown(f"There is no operator {operator_id}.")
    if not check_password(password, row.password):
        with transaction.atomic(durable=True):
            trail.record_audit(
                actor=operator_info(row).actor,
                now=now,
                action="operator.password_refused",
                subject=f"operator:{operator_id}",
            )
        raise PasswordWrong(_("This is not your present password."))
    forget_attempts(limit=PASSWORD_AGAIN, subject=str(operator_id))


@transaction.atomic(durable=True)
def open_operator_session(
    *, operator_id: OperatorId, way: SignInWay, agent: str, address: str, now: datetime
) -> int:
    """Note that an operator has signed in somewhere; answer the number, which the browser's session keeps.

    Locks nothing for long. Raises OperatorUnknown where they work no more.
    """
    if not Operator.objects.filter(id=operator_id, is_active=True).update(last_login=now):
        raise OperatorUnknown(f"There is no operator {operator_id} at work.")
    row = OperatorSession.objects.create(
        operator_id=operator_id,
        way=way,
        signed_in_at=now,
        seen_at=now,
        agent="".join(sign for sign in agent if sign.isprintable())[:AGENT_LENGTH_MAX],
        address=address[:ADDRESS_LENGTH_MAX],
    )
    trail.record_audit(
        actor=operator_info(row.operator).actor,
        now=now,
        action="operator.signed_in",
        subject=f"operator:{operator_id}",
        details={"way": way.value},
    )
    return row.pk


@transaction.atomic(durable=True)
def end_operator_sessions(
    *,
    actor: Actor,
    operator_id: OperatorId,
    now: datetime,
    only: int | None = None,
    but: int | None = None,
) -> int:
    """Sign an operator out: everywhere, in one place (`only`), or everywhere else (`but`); say in how many.

    Takes effect with the next request from there. Locks the rows.
    """
    rows = OperatorSession.objects.filter(operator_id=operator_id)
    return end_sessions(rows, actor=actor, whose=f"operator:{operator_id}", now=now, only=only, but=but)
