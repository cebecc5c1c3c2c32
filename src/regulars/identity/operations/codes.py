"""Writes of members' sign-in codes, and the nightly tidying."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.utils.translation import gettext as _

from regulars.identity.errors import SignInCodeWrong
from regulars.identity.member_sessions import forget_member_sessions, purge_member_sessions
from regulars.identity.models import JoinCode, OperatorSession, SignInCode, Throttle, Totp
from regulars.identity.policies import (
    CODE_ATTEMPTS_MAX,
    CODE_LIFE,
    CODES_BY_MEMBER,
    ENROLMENT_LASTS,
    SESSION_LASTS,
    hash_code,
    make_code,
    same_hash,
)
from regulars.identity.throttling import too_many
from regulars.identity.types import CodeUse, SignInTicket
from regulars.kit.actor import Actor, ActorKind
from regulars.kit.ids import MemberId
from regulars.trail import facade as trail

LOCK_CLASS = 0x434F4445
CODES_KEPT = timedelta(days=1)


@transaction.atomic
def issue_sign_in_code(*, member_id: MemberId, now: datetime, use: CodeUse = CodeUse.SIGN_IN) -> SignInTicket:
    """A new six-digit code for a member, good for ten minutes and only together with its ticket's number.

    Whoever asks keeps the number, the member gets the code: a stranger who asks in a member's name and
    guesses uses up their own ticket, and the member's stays good.
    May join a caller's transaction, so that the code and the e-mail that carries it come together.
    Locks the member's sign-in (advisory, until the transaction's end). Raises TooManyAttempts beyond
    thirty codes an hour; whoever asks on a stranger's behalf counts by network address besides.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK_CLASS, member_id % 2**31])
    since = now - CODES_BY_MEMBER.window
    recent = list(
        SignInCode.objects.filter(member_id=member_id, issued_at__gt=since)
        .order_by("issued_at")
        .values_list("issued_at", flat=True)
    )
    if len(recent) >= CODES_BY_MEMBER.attempts:
        raise too_many(recent[-CODES_BY_MEMBER.attempts] + CODES_BY_MEMBER.window, now)
    code, salt = make_code()
    row = SignInCode.objects.create(
        member_id=member_id,
        salt=salt,
        code_hash=hash_code(member_id=member_id, code=code, salt=salt),
        issued_at=now,
        expires_at=now + CODE_LIFE,
    )
    trail.record_audit(
        actor=Actor(ActorKind.MEMBER, str(member_id)),
        now=now,
        action=f"member.{use}_code_issued",
        subject=f"member:{member_id}",
    )
    return SignInTicket(row.pk, code)


def check_sign_in_code(
    *, member_id: MemberId, ticket: int, code: str, now: datetime, use: CodeUse = CodeUse.SIGN_IN
) -> None:
    """Use up the code of a ticket. Returns where it is right; each code is right once.

    The attempt is counted in a transaction of its own, which stands when the code is wrong.
    Locks the code's row. Raises SignInCodeWrong: wrong, used, expired or tried five times.
    """
    with transaction.atomic(durable=True):
        row = SignInCode.objects.select_for_update().filter(pk=ticket, member_id=member_id).first()
        right = try_code(row, partial(hash_code, member_id=member_id), code, now)
        if right:
            trail.record_audit(
                actor=Actor(ActorKind.MEMBER, str(member_id)),
                now=now,
                action="member.signed_in" if use is CodeUse.SIGN_IN else f"member.{use}_proved",
                subject=f"member:{member_id}",
            )
    if not right:
        raise SignInCodeWrong(_("This code is wrong or no longer good. Look again, or ask for a new one."))


def try_code(
    row: SignInCode | JoinCode | None, hash_given: Callable[..., bytes], code: str, now: datetime
) -> bool:
    """Count an attempt on a locked row, and use it up where the code is right.

    `hash_given` is handed the code without spaces and the row's salt.
    """
    if row is None or row.used_at is not None or now >= row.expires_at or row.attempts >= CODE_ATTEMPTS_MAX:
        return False
    right = same_hash(bytes(row.code_hash), hash_given(code="".join(code.split()), salt=row.salt))
    row.attempts += 1
    row.used_at = now if right else None
    row.save(update_fields=["attempts", "used_at"])
    return right


def forget_member(*, member_id: MemberId) -> None:
    """Take away a member's codes and sessions: a step of erasing them; RuntimeError outside a transaction."""
    trail.require_transaction()
    SignInCode.objects.filter(member_id=member_id).delete()
    forget_member_sessions(member_id=member_id)


@transaction.atomic(durable=True)
def purge_sign_ins(*, now: datetime) -> None:
    """Throw away what sign-ins have left behind: codes of yesterday, closed counts, ended sessions."""
    SignInCode.objects.filter(issued_at__lt=now - CODES_KEPT).delete()
    JoinCode.objects.filter(issued_at__lt=now - CODES_KEPT).delete()
    Throttle.objects.filter(window_ends_at__lte=now).delete()
    purge_member_sessions(now=now)
    OperatorSession.objects.filter(signed_in_at__lte=now - SESSION_LASTS).delete()
    Totp.objects.filter(confirmed_at__isnull=True, begun_at__lte=now - ENROLMENT_LASTS).delete()
    Session.objects.filter(expire_date__lt=now).delete()
