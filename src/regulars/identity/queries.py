"""Reads of identity."""

from collections.abc import Iterable
from datetime import datetime

from regulars.identity.errors import OperatorUnknown
from regulars.identity.models import (
    ApiKey,
    Invitation,
    Operator,
    OperatorSession,
    Passkey,
    RecoveryCode,
    RequiredFactor,
    Totp,
)
from regulars.identity.policies import SESSION_IDLE, SESSION_LASTS, can, hash_secret
from regulars.identity.types import (
    ApiKeyInfo,
    InvitationInfo,
    OperatorInfo,
    OperatorSessionInfo,
    PasskeyInfo,
    Permission,
    Role,
    Scope,
    SignInWay,
    TwoFactorInfo,
)
from regulars.kit.ids import ApiKeyId, OperatorId


def get_operator(operator_id: OperatorId) -> OperatorInfo:
    """One operator. Raises OperatorUnknown."""
    row = Operator.objects.filter(id=operator_id).first()
    if row is None:
        raise OperatorUnknown(f"There is no operator {operator_id}.")
    return operator_info(row)


def find_operator(email: str) -> OperatorInfo | None:
    """The operator of an e-mail address, however its letters are cased, or None."""
    row = Operator.objects.filter(email=email.strip().lower()).first()
    return operator_info(row) if row else None


def get_operators(operator_ids: Iterable[OperatorId]) -> dict[OperatorId, OperatorInfo]:
    """Many operators; those unknown are left out. One query."""
    return {
        OperatorId(row.pk): operator_info(row) for row in Operator.objects.filter(id__in=set(operator_ids))
    }


def list_operators() -> list[OperatorInfo]:
    """Every operator, those at work first, by e-mail address."""
    return [operator_info(row) for row in Operator.objects.order_by("-is_active", "email")]


def list_api_keys() -> list[ApiKeyInfo]:
    """Every API key ever issued, latest first."""
    return [api_key_info(row) for row in ApiKey.objects.order_by("-id")]


def list_invitations() -> list[InvitationInfo]:
    """Those that wait for somebody, also those whose time is over, latest sent first."""
    rows = Invitation.objects.filter(accepted_at__isnull=True, revoked_at__isnull=True)
    return [invitation_info(row) for row in rows.order_by("-sent_at", "-id")]


def find_invitation(token: str, now: datetime) -> InvitationInfo | None:
    """The open invitation of a link, or None: taken, withdrawn, too old, made up, or its inviter has left."""
    row = Invitation.objects.select_related("invited_by").filter(token_hash=hash_secret(token)).first()
    return invitation_info(row) if row is not None and is_invitation_good(row, now) else None


def is_invitation_good(row: Invitation, now: datetime) -> bool:
    """Whether it may be accepted. Whoever invited must still be entitled to: a leaver leaves no way back."""
    by = row.invited_by
    return (
        row.accepted_at is None
        and row.revoked_at is None
        and now < row.expires_at
        and (by is None or can(operator_info(by), Permission.OPERATORS_MANAGE))
    )


def get_two_factor(operator_id: OperatorId) -> TwoFactorInfo:
    """What an operator has besides the password. Raises OperatorUnknown."""
    operator = get_operator(operator_id)
    totp = Totp.objects.filter(operator_id=operator_id, confirmed_at__isnull=False).first()
    return TwoFactorInfo(
        totp_since=totp.confirmed_at if totp else None,
        passkeys=tuple(
            PasskeyInfo(row.pk, row.label, row.created_at, row.last_used_at)
            for row in Passkey.objects.filter(operator_id=operator_id).order_by("id")
        ),
        codes_left=RecoveryCode.objects.filter(operator_id=operator_id, used_at__isnull=True).count(),
        required=RequiredFactor.objects.filter(role=operator.role).exists(),
    )


def list_protected() -> frozenset[OperatorId]:
    """Who has a second factor. One query."""
    apps = Totp.objects.filter(confirmed_at__isnull=False).values_list("operator_id", flat=True)
    keys = Passkey.objects.values_list("operator_id", flat=True)
    return frozenset(OperatorId(number) for number in apps.union(keys))


def list_required_roles() -> frozenset[Role]:
    """The roles that must have a second factor."""
    return frozenset(Role(name) for name in RequiredFactor.objects.values_list("role", flat=True))


def list_operator_sessions(operator_id: OperatorId, now: datetime) -> list[OperatorSessionInfo]:
    """Where an operator is signed in, latest seen first, without what has ended by itself. One query."""
    rows = OperatorSession.objects.filter(
        operator_id=operator_id, seen_at__gt=now - SESSION_IDLE, signed_in_at__gt=now - SESSION_LASTS
    )
    return [
        OperatorSessionInfo(row.pk, SignInWay(row.way), row.signed_in_at, row.seen_at, row.agent, row.address)
        for row in rows.order_by("-seen_at", "-id")
    ]


def invitation_info(row: Invitation) -> InvitationInfo:
    """The row as a value."""
    return InvitationInfo(
        number=row.pk,
        email=row.email,
        name=row.name,
        role=Role(row.role),
        invited_by=OperatorId(row.invited_by_id) if row.invited_by_id else None,
        sent_at=row.sent_at,
        expires_at=row.expires_at,
    )


def operator_info(row: Operator) -> OperatorInfo:
    """The row as a value."""
    return OperatorInfo(
        id=OperatorId(row.pk),
        email=row.email,
        name=row.name,
        role=Role(row.role),
        active=row.is_active,
        created_at=row.created_at,
        last_sign_in_at=row.last_login,
        language=row.language,
        time_zone=row.time_zone,
    )


def api_key_info(row: ApiKey) -> ApiKeyInfo:
    """The row as a value, without the hash."""
    return ApiKeyInfo(
        id=ApiKeyId(row.pk),
        prefix=row.prefix,
        label=row.label,
        scopes=frozenset(Scope(name) for name in row.scopes),
        created_at=row.created_at,
        last_used_at=row.last_used_at,
        revoked_at=row.revoked_at,
        expires_at=row.expires_at,
        made_by=row.made_by,
        follows=ApiKeyId(row.follows_id) if row.follows_id else None,
    )
