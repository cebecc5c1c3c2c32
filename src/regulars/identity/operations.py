"""Writes of identity: operators, API keys, members' sign-in codes."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from regulars.identity.errors import (
    ApiKeyInvalid,
    ApiKeyUnknown,
    LastOwner,
    OperatorExists,
    OperatorInvalid,
    OperatorUnknown,
    SignInCodeWrong,
    SignInRefused,
)
from regulars.identity.keyring import RING
from regulars.identity.member_sessions import forget_member_sessions, purge_member_sessions
from regulars.identity.models import ApiKey, Operator, SignInCode, Throttle
from regulars.identity.policies import (
    CODE_ATTEMPTS_MAX,
    CODE_LIFE,
    CODES_BY_MEMBER,
    KEY_USE_RECORDED_EVERY,
    SIGN_IN_BY_ADDRESS,
    SIGN_IN_BY_EMAIL,
    SIGN_IN_BY_PAIR,
    hash_code,
    hash_secret,
    make_code,
    make_key,
    prefix_of,
    read_scopes,
    same_hash,
)
from regulars.identity.queries import api_key_info, operator_info
from regulars.identity.throttling import forget_attempts, take_attempt, too_many
from regulars.identity.types import ApiKeyInfo, CodeUse, OperatorInfo, Role, SignInTicket
from regulars.kit.actor import SYSTEM, Actor, ActorKind
from regulars.kit.ids import ApiKeyId, MemberId, OperatorId
from regulars.trail import facade as trail

LABEL_LENGTH_MAX = 120
LOCK_CLASS = 0x434F4445
CODES_KEPT = timedelta(days=1)


@transaction.atomic(durable=True)
def create_operator(
    *, actor: Actor, now: datetime, email: str, password: str, role: Role, name: str = ""
) -> OperatorInfo:
    """Let someone work the console.

    Locks nothing. Raises OperatorInvalid, OperatorExists.
    """
    address = _check_email(email)
    row = Operator(email=address, name=_check_name(name), role=_check_role(role), created_at=now)
    _check_password(password, row)
    row.set_password(password)
    # The unique constraint decides between two at once; a failed insert would abort the transaction.
    created = Operator.objects.bulk_create([row], ignore_conflicts=True)
    stored = Operator.objects.filter(email=address, password=created[0].password).first()
    if stored is None:
        raise OperatorExists(f"There is an operator with the address {address} already.")
    trail.record_audit(
        actor=actor,
        now=now,
        action="operator.created",
        subject=f"operator:{stored.pk}",
        details={"role": stored.role},
    )
    return operator_info(stored)


@transaction.atomic(durable=True)
def change_operator(
    *,
    actor: Actor,
    now: datetime,
    operator_id: OperatorId,
    role: Role | None = None,
    active: bool | None = None,
    name: str | None = None,
) -> OperatorInfo:
    """Change an operator's role or name, or whether they may work at all.

    Locks the rows of all owners and of the operator, ascending.
    Raises OperatorUnknown, OperatorInvalid, LastOwner.
    """
    owners = list(
        Operator.objects.select_for_update().filter(Q(role=Role.OWNER) | Q(id=operator_id)).order_by("id")
    )
    row = next((row for row in owners if row.pk == operator_id), None)
    if row is None:
        raise OperatorUnknown(f"There is no operator {operator_id}.")
    row.role = row.role if role is None else _check_role(role)
    row.is_active = row.is_active if active is None else active
    row.name = row.name if name is None else _check_name(name)
    if not any(each.is_active and each.role == Role.OWNER for each in owners):
        raise LastOwner("One active owner must remain; make somebody else an owner first.")
    row.save(update_fields=["role", "is_active", "name"])
    trail.record_audit(
        actor=actor,
        now=now,
        action="operator.changed",
        subject=f"operator:{operator_id}",
        details={"role": row.role, "active": row.is_active},
    )
    return operator_info(row)


@transaction.atomic(durable=True)
def change_password(*, actor: Actor, now: datetime, operator_id: OperatorId, password: str) -> None:
    """Give an operator another password; every session of theirs ends with the old one.

    Locks the operator's row. Raises OperatorUnknown, OperatorInvalid.
    """
    row = Operator.objects.select_for_update().filter(id=operator_id).first()
    if row is None:
        raise OperatorUnknown(f"There is no operator {operator_id}.")
    _check_password(password, row)
    row.set_password(password)
    row.save(update_fields=["password"])
    trail.record_audit(
        actor=actor, now=now, action="operator.password_changed", subject=f"operator:{operator_id}"
    )


def check_operator_password(*, email: str, password: str, address: str, now: datetime) -> OperatorInfo:
    """The operator whose e-mail and password these are.

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
            Operator.objects.filter(id=row.pk).update(last_login=now)
            info = operator_info(row)
            trail.record_audit(
                actor=info.actor, now=now, action="operator.signed_in", subject=f"operator:{row.pk}"
            )
            return info
    raise SignInRefused(_("E-mail and password do not go together."))


@transaction.atomic(durable=True)
def issue_api_key(
    *, actor: Actor, now: datetime, label: str, scopes: Iterable[str]
) -> tuple[ApiKeyInfo, str]:
    """A new API key and its secret, which is shown this once and kept only as a hash.

    Locks nothing. Raises ApiKeyInvalid.
    """
    label = " ".join(label.split())
    if not label or len(label) > LABEL_LENGTH_MAX:
        raise ApiKeyInvalid(f"Give the key a label of up to {LABEL_LENGTH_MAX} characters.", field="label")
    allowed = sorted(read_scopes(scopes))
    prefix, secret = make_key()
    row = ApiKey.objects.create(
        prefix=prefix, secret_hash=hash_secret(secret), label=label, scopes=allowed, created_at=now
    )
    trail.record_audit(
        actor=actor,
        now=now,
        action="api_key.issued",
        subject=f"api_key:{row.pk}",
        details={"prefix": prefix, "scopes": [str(scope) for scope in allowed]},
    )
    return api_key_info(row), secret


@transaction.atomic(durable=True)
def revoke_api_key(*, actor: Actor, now: datetime, key_id: ApiKeyId, reason: str = "") -> ApiKeyInfo:
    """End an API key at once. Revoking it again changes nothing.

    Locks the key's row. Raises ApiKeyUnknown.
    """
    row = ApiKey.objects.select_for_update().filter(id=key_id).first()
    if row is None:
        raise ApiKeyUnknown(f"There is no API key {key_id}.")
    if row.revoked_at is None:
        row.revoked_at = now
        row.save(update_fields=["revoked_at"])
        trail.record_audit(
            actor=actor, now=now, action="api_key.revoked", subject=f"api_key:{key_id}", reason=reason
        )
        RING.forget()
        # Another thread may have read the key again before its end was there for all to see.
        transaction.on_commit(RING.forget)
    return api_key_info(row)


def authenticate_api_key(secret: str, now: datetime) -> ApiKeyInfo | None:
    """The key whose secret this is, unless it is revoked; None for everything else.

    One query; a second one, at most once a minute, notes that the key is in use.
    """
    prefix = prefix_of(secret)
    if prefix is None:
        return None
    row = ApiKey.objects.filter(prefix=prefix, revoked_at__isnull=True).first()
    if row is None or not same_hash(bytes(row.secret_hash), hash_secret(secret)):
        return None
    unused_since = now - KEY_USE_RECORDED_EVERY
    if row.last_used_at is None or row.last_used_at <= unused_since:
        due = Q(last_used_at__isnull=True) | Q(last_used_at__lte=unused_since)
        ApiKey.objects.filter(due, id=row.pk).update(last_used_at=now)
        row.last_used_at = now
    return api_key_info(row)


def recognise_api_key(secret: str, now: datetime) -> ApiKeyInfo | None:
    """`authenticate_api_key`, remembered for a second: for what is asked thousands of times in it."""
    secret_hash = hash_secret(secret)
    info = RING.find(secret_hash)
    if info is None:
        began = RING.now()
        info = authenticate_api_key(secret, now)
        if info is not None:
            RING.keep(secret_hash, info, began)
    return info


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
        right = False
        if row and row.used_at is None and now < row.expires_at and row.attempts < CODE_ATTEMPTS_MAX:
            given = hash_code(member_id=member_id, code="".join(code.split()), salt=row.salt)
            right = same_hash(bytes(row.code_hash), given)
            row.attempts += 1
            row.used_at = now if right else None
            row.save(update_fields=["attempts", "used_at"])
        if right:
            trail.record_audit(
                actor=Actor(ActorKind.MEMBER, str(member_id)),
                now=now,
                action="member.signed_in" if use is CodeUse.SIGN_IN else f"member.{use}_proved",
                subject=f"member:{member_id}",
            )
    if not right:
        raise SignInCodeWrong(_("This code is wrong or no longer good. Look again, or ask for a new one."))


def forget_member(*, member_id: MemberId) -> None:
    """Take away a member's codes and sessions: a step of erasing them; RuntimeError outside a transaction."""
    trail.require_transaction()
    SignInCode.objects.filter(member_id=member_id).delete()
    forget_member_sessions(member_id=member_id)


@transaction.atomic(durable=True)
def purge_sign_ins(*, now: datetime) -> None:
    """Throw away what sign-ins have left behind: codes of yesterday, closed counts, ended sessions."""
    SignInCode.objects.filter(issued_at__lt=now - CODES_KEPT).delete()
    Throttle.objects.filter(window_ends_at__lte=now).delete()
    purge_member_sessions(now=now)
    Session.objects.filter(expire_date__lt=now).delete()


def _check_email(raw: str) -> str:
    email = raw.strip().lower()
    try:
        validate_email(email)
    except ValidationError:
        raise OperatorInvalid(f"{raw.strip()[:80]!r} is not an e-mail address.", field="email") from None
    return email


def _check_name(raw: str) -> str:
    name = " ".join(raw.split())
    if len(name) > LABEL_LENGTH_MAX:
        raise OperatorInvalid(f"A name has at most {LABEL_LENGTH_MAX} characters.", field="name")
    return name


def _check_role(role: str) -> Role:
    if role not in set(Role):
        raise OperatorInvalid(f"{role!r} is not a role; there are {', '.join(Role)}.", field="role")
    return Role(role)


def _check_password(password: str, row: Operator) -> None:
    try:
        validate_password(password, user=row)
    except ValidationError as error:
        raise OperatorInvalid(" ".join(error.messages), field="password") from None
