"""The team and the keys, as pages."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from regulars.console.forms_team import ROLE_NAMES, SCOPE_NAMES
from regulars.identity import facade as identity
from regulars.identity.facade import ApiKeyInfo, InvitationInfo, OperatorInfo, Permission, Role
from regulars.kit.ids import OperatorId

SOON = timedelta(days=14)

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
    Permission.FINANCE_MANAGE: _("Set what a point costs"),
    Permission.INSIGHTS_VIEW: _("See insights"),
    Permission.INSIGHTS_ASK: _("Have insights worked out: other days, lists of members, a fresh copy"),
    Permission.INSIGHTS_MANAGE: _("Name lifestyles, set brackets, and say what is kept out of insights"),
    Permission.SEGMENTS_VIEW: _("See segments"),
    Permission.SEGMENTS_MANAGE: _("Make and change segments"),
    Permission.TRAIL_VIEW: _("Read the audit trail"),
    Permission.API_KEYS_MANAGE: _("Manage API keys"),
    Permission.OPERATORS_MANAGE: _("Manage the team"),
}


ROLE_WORDS: dict[Role, Promise] = {
    Role.OWNER: _("May do everything, and says who else may."),
    Role.MARKETER: _("Makes the programme, the rewards and the brand, and reads what they do."),
    Role.SUPPORT: _("Helps members, and puts balances right."),
    Role.FINANCE: _("Reads what is owed, sets what a point costs, and sees who did what."),
    Role.DEVELOPER: _("Connects the shop’s own systems."),
    Role.READ_ONLY: _("Sees what the others work on, changes nothing."),
}


@dataclass(frozen=True, slots=True)
class Colleague:
    """One who works here."""

    info: OperatorInfo
    role: Promise
    is_me: bool
    is_protected: bool
    must_enrol: bool


@dataclass(frozen=True, slots=True)
class InvitationRow:
    """A place that waits for somebody."""

    info: InvitationInfo
    role: Promise
    inviter: str
    is_over: bool


@dataclass(frozen=True, slots=True)
class TeamPage:
    """Who works here, and who is invited."""

    colleagues: tuple[Colleague, ...]
    invitations: tuple[InvitationRow, ...]


@dataclass(frozen=True, slots=True)
class RoleColumn:
    """A role in words, and how many at work have it."""

    name: Promise
    words: Promise
    people: int


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """One permission, and for each role its name and whether it has it."""

    name: Promise | str
    allowed: tuple[tuple[Promise, bool], ...]


@dataclass(frozen=True, slots=True)
class MatrixPage:
    """Who may do what: made of the policies themselves, so that it is never out of date."""

    roles: tuple[RoleColumn, ...]
    rows: tuple[MatrixRow, ...]


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A role, and how many at work in it have no second factor yet."""

    role: Role
    name: Promise
    people: int
    bare: int


@dataclass(frozen=True, slots=True)
class RulesPage:
    """Which roles must have a second factor, and whom it would concern."""

    rows: tuple[RuleRow, ...]
    required: frozenset[Role]


@dataclass(frozen=True, slots=True)
class KeyRow:
    """An API key with its scopes in words. `followed_by`: the prefix of the key that takes its place."""

    info: ApiKeyInfo
    scopes: tuple[Promise, ...]
    made_by: str
    is_good: bool
    is_unused: bool
    ends_soon: bool
    followed_by: str


def read_team(me: OperatorInfo, now: datetime) -> TeamPage:
    """Everybody, those at work first, and who is invited. Four queries."""
    protected, required = identity.list_protected(), identity.list_required_roles()
    colleagues = tuple(
        Colleague(
            info,
            ROLE_NAMES[info.role],
            is_me=info.id == me.id,
            is_protected=info.id in protected,
            must_enrol=info.role in required and info.id not in protected,
        )
        for info in identity.list_operators()
    )
    names = {one.info.id: one.info.name or one.info.email for one in colleagues}
    return TeamPage(
        colleagues=colleagues,
        invitations=tuple(
            _show_invitation(info, names.get(info.invited_by, "") if info.invited_by else "", now)
            for info in identity.list_invitations()
        ),
    )


def find_open_invitation(number: int, now: datetime) -> InvitationRow:
    """One that waits. Two queries. Raises InvitationUnknown."""
    for info in identity.list_invitations():
        if info.number == number:
            by = identity.get_operators([info.invited_by]) if info.invited_by else {}
            return _show_invitation(info, next((one.name or one.email for one in by.values()), ""), now)
    raise identity.InvitationUnknown(gettext("There is no such invitation any more."))


def read_matrix(me: OperatorInfo) -> MatrixPage:
    """What each role may do, as the policies answer. One query."""
    people = Counter(info.role for info in identity.list_operators() if info.active)
    return MatrixPage(
        roles=tuple(RoleColumn(ROLE_NAMES[role], ROLE_WORDS[role], people[role]) for role in Role),
        rows=tuple(
            MatrixRow(
                PERMISSION_NAMES.get(permission, str(permission)),
                tuple(
                    (ROLE_NAMES[role], identity.can(replace(me, role=role, active=True), permission))
                    for role in Role
                ),
            )
            for permission in Permission
        ),
    )


def read_rules() -> RulesPage:
    """Which roles must have a second factor, and whom it would concern. Three queries."""
    protected = identity.list_protected()
    at_work = [info for info in identity.list_operators() if info.active]
    people = Counter(info.role for info in at_work)
    bare = Counter(info.role for info in at_work if info.id not in protected)
    return RulesPage(
        rows=tuple(RuleRow(role, ROLE_NAMES[role], people[role], bare[role]) for role in Role),
        required=identity.list_required_roles(),
    )


def read_keys(now: datetime) -> Sequence[KeyRow]:
    """Every key, the latest first; those that have ended at the end. Two queries."""
    keys = sorted(identity.list_api_keys(), key=lambda key: not key.is_good(now))
    makers = identity.get_operators(
        OperatorId(int(ref))
        for kind, _colon, ref in (key.made_by.partition(":") for key in keys)
        if kind == "operator"
    )
    names = {f"operator:{number}": info.name or info.email for number, info in makers.items()}
    followers = {key.follows: key.prefix for key in keys if key.follows}
    return [
        KeyRow(
            key,
            tuple(name for scope, name in SCOPE_NAMES.items() if scope in key.scopes),
            made_by=names.get(key.made_by, ""),
            is_good=key.is_good(now),
            is_unused=identity.is_key_unused(key, now),
            ends_soon=key.is_good(now) and key.expires_at is not None and key.expires_at - now <= SOON,
            followed_by=followers.get(key.id, ""),
        )
        for key in keys
    ]


def find_key(key_id: int, now: datetime) -> KeyRow | None:
    """One key, or None. Two queries."""
    return next((row for row in read_keys(now) if row.info.id == key_id), None)


def _show_invitation(info: InvitationInfo, inviter: str, now: datetime) -> InvitationRow:
    return InvitationRow(info, ROLE_NAMES[info.role], inviter, is_over=info.expires_at <= now)
