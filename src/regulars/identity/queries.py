"""Reads of identity."""

from collections.abc import Iterable

from regulars.identity.errors import OperatorUnknown
from regulars.identity.models import ApiKey, Operator
from regulars.identity.types import ApiKeyInfo, OperatorInfo, Role, Scope
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
    )
