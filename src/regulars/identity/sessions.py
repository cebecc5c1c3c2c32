"""Operators' browser sessions: the one place where identity meets a request.

A browser's session names a row of `OperatorSession`. Every request reads the two in one query; the session is
over where the row is gone (ended from elsewhere), where the password has changed, after two hours without a
request, and after twelve in any case.
"""

import ipaddress
from datetime import datetime

from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY, login, logout
from django.db.models import Exists, OuterRef
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from regulars.identity.models import Operator, OperatorSession, Passkey, RequiredFactor, Totp
from regulars.identity.operations.signing_in import end_operator_sessions, open_operator_session
from regulars.identity.policies import (
    SECOND_STEP_LASTS,
    SESSION_LASTS,
    SESSION_SEEN_EVERY,
    is_session_over,
)
from regulars.identity.queries import get_two_factor, operator_info
from regulars.identity.types import OperatorInfo, SignInWay, Site, Visit
from regulars.kit.ids import OperatorId

BACKEND = "django.contrib.auth.backends.ModelBackend"
NUMBER = "operator_session"
WAITING = "second_step"


def begin_sign_in(request: HttpRequest, operator: OperatorInfo, now: datetime) -> bool:
    """After the right password: answer whether that was all; if not, the second factor is waited for."""
    if not get_two_factor(operator.id).on:
        finish_sign_in(request, operator.id, SignInWay.PASSWORD, now)
        return True
    row = Operator.objects.get(id=operator.id)
    request.session.cycle_key()
    request.session[WAITING] = {
        "operator": operator.id,
        "since": now.timestamp(),
        "password": row.get_session_auth_hash(),
    }
    return False


def find_waiting(request: HttpRequest, now: datetime) -> OperatorInfo | None:
    """Who has given the right password here within ten minutes and owes the second factor yet, or None."""
    waiting = request.session.get(WAITING)
    if not waiting or now.timestamp() - waiting["since"] >= SECOND_STEP_LASTS.total_seconds():
        return None
    row = Operator.objects.filter(id=waiting["operator"], is_active=True).first()
    if row is None or not constant_time_compare(waiting["password"], row.get_session_auth_hash()):
        return None
    return operator_info(row)


def finish_sign_in(request: HttpRequest, operator_id: OperatorId, way: SignInWay, now: datetime) -> None:
    """Open a session with a new key, for a working day at most. Raises OperatorUnknown."""
    request.session.pop(WAITING, None)
    number = open_operator_session(
        operator_id=operator_id,
        way=way,
        agent=request.headers.get("User-Agent", ""),
        address=request.META.get("REMOTE_ADDR", ""),
        now=now,
    )
    login(request, Operator.objects.get(id=operator_id), backend=BACKEND)
    request.session[NUMBER] = number
    request.session.set_expiry(SESSION_LASTS)


def sign_out_operator(request: HttpRequest, now: datetime) -> None:
    """End the session and everything in it."""
    visit = find_visit(request, now)
    if visit is not None:
        end_operator_sessions(
            actor=visit.operator.actor, operator_id=visit.operator.id, now=now, only=visit.session
        )
    logout(request)


def keep_signed_in(request: HttpRequest, operator_id: OperatorId) -> None:
    """Hand this browser the mark of the password that was just changed in it, under a new key."""
    # Not update_session_auth_hash: it asks request.user, whom the new password has signed out already.
    request.session.cycle_key()
    request.session[HASH_SESSION_KEY] = Operator.objects.get(id=operator_id).get_session_auth_hash()


def find_visit(request: HttpRequest, now: datetime) -> Visit | None:
    """Who is signed in here, or None. One query; every minute a second notes the use."""
    number, operator_id = request.session.get(NUMBER), request.session.get(SESSION_KEY)
    if not number or not operator_id:
        return None
    row = (
        OperatorSession.objects.select_related("operator")
        .annotate(
            required=Exists(RequiredFactor.objects.filter(role=OuterRef("operator__role"))),
            has_totp=Exists(
                Totp.objects.filter(operator_id=OuterRef("operator_id"), confirmed_at__isnull=False)
            ),
            has_passkey=Exists(Passkey.objects.filter(operator_id=OuterRef("operator_id"))),
        )
        .filter(pk=number, operator_id=operator_id, operator__is_active=True)
        .first()
    )
    if row is None or is_session_over(signed_in_at=row.signed_in_at, seen_at=row.seen_at, now=now):
        return None
    mark = request.session.get(HASH_SESSION_KEY, "")
    if not constant_time_compare(mark, row.operator.get_session_auth_hash()):
        return None
    if now - row.seen_at >= SESSION_SEEN_EVERY:
        OperatorSession.objects.filter(pk=row.pk, seen_at__lt=now).update(seen_at=now)
    must_enrol = row.required and not (row.has_totp or row.has_passkey)
    return Visit(operator_info(row.operator), row.pk, must_enrol)


def read_site(request: HttpRequest, name: str) -> Site | None:
    """The site that passkeys made here belong to; None at a bare network address, which cannot have any.

    Browsers make passkeys only over HTTPS, or on localhost; TLS may end at a proxy that speaks HTTP to us.
    """
    host = request.get_host()
    rp_id = host.rpartition(":")[0] if host.rpartition(":")[2].isdecimal() and ":" in host else host
    try:
        ipaddress.ip_address(rp_id.strip("[]"))
    except ValueError:
        is_local = rp_id == "localhost" or rp_id.endswith(".localhost")
        origins = {f"https://{host}"} | ({f"http://{host}"} if is_local else set())
        return Site(rp_id=rp_id, name=name, origins=frozenset(origins))
    return None
