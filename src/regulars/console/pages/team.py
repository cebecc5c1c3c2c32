"""The team and the keys, as pages."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from regulars.console.forms_team import ROLE_NAMES, SCOPE_NAMES
from regulars.identity import facade as identity
from regulars.identity.facade import ApiKeyInfo, OperatorInfo, Permission, Role

PERMISSION_NAMES: dict[Permission, Promise] = {
    Permission.MEMBERS_VIEW: _("See members"),
    Permission.MEMBERS_EDIT: _("Change members"),
    Permission.MEMBERS_ERASE: _("Erase members"),
    Permission.POINTS_ADJUST: _("Adjust points"),
    Permission.AWARDS_REVERSE: _("Take awards back"),
    Permission.REDEMPTIONS_MANAGE: _("Fulfil and cancel redemptions"),
    Permission.PROGRAMME_VIEW: _("See the programme"),
    Permission.PROGRAMME_PUBLISH: _("Publish the programme"),
    Permission.CATALOGUE_MANAGE: _("Manage rewards"),
    Permission.BRAND_MANAGE: _("Change the brand"),
    Permission.FINANCE_VIEW: _("See finance"),
    Permission.TRAIL_VIEW: _("Read the audit trail"),
    Permission.API_KEYS_MANAGE: _("Manage API keys"),
    Permission.OPERATORS_MANAGE: _("Manage the team"),
}


@dataclass(frozen=True, slots=True)
class Colleague:
    """One who works here."""

    info: OperatorInfo
    role: Promise
    is_me: bool


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """One permission, and for each role whether it has it."""

    name: Promise | str
    allowed: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class TeamPage:
    """Who works here, and who may do what."""

    colleagues: tuple[Colleague, ...]
    roles: tuple[Promise, ...]
    matrix: tuple[MatrixRow, ...]


@dataclass(frozen=True, slots=True)
class KeyRow:
    """An API key with its scopes in words."""

    info: ApiKeyInfo
    scopes: tuple[Promise, ...]


def read_team(me: OperatorInfo) -> TeamPage:
    """Everybody, those at work first. One query."""
    return TeamPage(
        colleagues=tuple(
            Colleague(info, ROLE_NAMES[info.role], info.id == me.id) for info in identity.list_operators()
        ),
        roles=tuple(ROLE_NAMES[role] for role in Role),
        matrix=tuple(
            MatrixRow(
                PERMISSION_NAMES.get(permission, str(permission)),
                tuple(identity.can(replace(me, role=role, active=True), permission) for role in Role),
            )
            for permission in Permission
        ),
    )


def read_keys() -> Sequence[KeyRow]:
    """Every key, the latest first; those revoked at the end. One query."""
    keys = sorted(identity.list_api_keys(), key=lambda key: key.revoked_at is not None)
    return [
        KeyRow(key, tuple(name for scope, name in SCOPE_NAMES.items() if scope in key.scopes)) for key in keys
    ]


def find_key(key_id: int) -> KeyRow | None:
    """One key, or None. One query."""
    return next((row for row in read_keys() if row.info.id == key_id), None)
