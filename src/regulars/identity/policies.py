"""Pure decisions of identity: what a role permits, what a key may do, how secrets are made and compared."""

import hashlib
import hmac
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from regulars.identity.errors import ApiKeyInvalid, PermissionMissing, ScopeMissing
from regulars.identity.types import ApiKeyInfo, OperatorInfo, Permission, Role, Scope

CODE_DIGITS = 6
CODE_LIFE = timedelta(minutes=10)
CODE_ATTEMPTS_MAX = 5
KEY_USE_RECORDED_EVERY = timedelta(minutes=1)
KEY_UNUSED_AFTER = timedelta(days=90)
SESSION_LASTS = timedelta(hours=12)
"""From signing in, however busy."""
SESSION_IDLE = timedelta(hours=2)
SESSION_SEEN_EVERY = timedelta(minutes=1)
INVITATION_LASTS = timedelta(days=7)
SECOND_STEP_LASTS = timedelta(minutes=10)
"""Between the password and the second factor."""
ENROLMENT_LASTS = timedelta(minutes=30)
TOTP_STEP_SECONDS = 30
RECOVERY_CODES = 10
_RECOVERY_GROUPS = 4
_PREFIX_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_PREFIX_LENGTH = 10

PERMISSIONS: Mapping[Role, frozenset[Permission]] = MappingProxyType(
    {
        Role.OWNER: frozenset(Permission),
        Role.MARKETER: frozenset(
            {
                Permission.MEMBERS_VIEW,
                Permission.SEGMENTS_VIEW,
                Permission.SEGMENTS_MANAGE,
                Permission.PROGRAMME_VIEW,
                Permission.PROGRAMME_PUBLISH,
                Permission.CATALOGUE_MANAGE,
                Permission.BRAND_MANAGE,
                Permission.INSIGHTS_VIEW,
                Permission.INSIGHTS_ASK,
                Permission.INSIGHTS_MANAGE,
            }
        ),
        Role.SUPPORT: frozenset(
            {
                Permission.MEMBERS_VIEW,
                Permission.SEGMENTS_VIEW,
                Permission.MEMBERS_EDIT,
                Permission.POINTS_ADJUST,
                Permission.AWARDS_REVERSE,
                Permission.REDEMPTIONS_MANAGE,
                Permission.PROGRAMME_VIEW,
            }
        ),
        Role.FINANCE: frozenset(
            {
                Permission.MEMBERS_VIEW,
                Permission.SEGMENTS_VIEW,
                Permission.PROGRAMME_VIEW,
                Permission.FINANCE_VIEW,
                Permission.FINANCE_MANAGE,
                Permission.INSIGHTS_VIEW,
                Permission.INSIGHTS_ASK,
                Permission.TRAIL_VIEW,
            }
        ),
        Role.DEVELOPER: frozenset(
            {
                Permission.MEMBERS_VIEW,
                Permission.SEGMENTS_VIEW,
                Permission.PROGRAMME_VIEW,
                Permission.API_KEYS_MANAGE,
                Permission.TRAIL_VIEW,
            }
        ),
        # Whatever is looked at, also what rooms to come will show; nothing that changes or starts anything.
        Role.READ_ONLY: frozenset(each for each in Permission if each.value.endswith(":view")),
    }
)


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `attempts` in each `window`, counted from the first of them."""

    scope: str
    attempts: int
    window: timedelta


# Few for an e-mail from one network address, many for an e-mail from everywhere: strangers elsewhere must not
# lock out its owner, and guessing from many places must still come to an end.
SIGN_IN_BY_PAIR = Limit("operator_pair", 8, timedelta(minutes=15))
SIGN_IN_BY_EMAIL = Limit("operator_email", 200, timedelta(minutes=15))
SIGN_IN_BY_ADDRESS = Limit("operator_address", 40, timedelta(minutes=15))
# Ten of a million codes, with three good at a time: one in 30,000 for who has the password already.
SECOND_FACTOR = Limit("operator_second", 10, timedelta(minutes=15))
# Asked again for what is grave: to hold a session is not to know the password.
PASSWORD_AGAIN = Limit("operator_again", 8, timedelta(minutes=15))
PASSKEYS_BY_ADDRESS = Limit("operator_passkey", 40, timedelta(minutes=15))
# Each makes a session for somebody who is nobody yet.
PASSKEYS_ASKED_BY_ADDRESS = Limit("operator_passkey_asked", 120, timedelta(minutes=15))
# With five attempts for each code, 150 guesses an hour at a million codes; the store allows fewer still.
CODES_BY_MEMBER = Limit("member_code", 30, timedelta(hours=1))


def can(operator: OperatorInfo, permission: Permission) -> bool:
    """Whether the operator's role permits it. Nobody inactive may do anything."""
    return operator.active and permission in PERMISSIONS[operator.role]


def check_can(operator: OperatorInfo, permission: Permission) -> None:
    """Refuse what the operator's role does not permit. Raises PermissionMissing."""
    if not can(operator, permission):
        raise PermissionMissing(
            _("Your role (%(role)s) does not permit this (%(permission)s); ask an owner.")
            % {"role": operator.role, "permission": permission},
            permission=permission,
        )


def check_scope(key: ApiKeyInfo, scope: Scope) -> None:
    """Refuse what the key's scopes do not permit. Raises ScopeMissing."""
    if scope not in key.scopes:
        raise ScopeMissing(f"This API key lacks the scope {scope}.", scope=scope)


def read_scopes(names: Iterable[str]) -> frozenset[Scope]:
    """Scopes by their names. Raises ApiKeyInvalid for an unknown one and for none at all."""
    given = list(names)
    unknown = [name for name in given if name not in set(Scope)]
    if unknown:
        raise ApiKeyInvalid(f"{unknown[0]!r} is not a scope; there are {', '.join(Scope)}.", field="scopes")
    if not given:
        raise ApiKeyInvalid(f"An API key needs at least one scope of {', '.join(Scope)}.", field="scopes")
    return frozenset(Scope(name) for name in given)


def make_key() -> tuple[str, str]:
    """A new API key as (prefix, whole secret). The secret part has 256 random bits."""
    prefix = "".join(secrets.choice(_PREFIX_ALPHABET) for _ in range(_PREFIX_LENGTH))
    return prefix, f"rgl_{prefix}_{secrets.token_urlsafe(32)}"


def prefix_of(secret: str) -> str | None:
    """The prefix of what looks like an API key, or None."""
    parts = secret.split("_", 2)
    well_formed = (
        len(parts) == 3 and parts[0] == "rgl" and len(parts[1]) == _PREFIX_LENGTH and len(secret) < 100
    )
    return parts[1] if well_formed and secret.isascii() and secret.isprintable() else None


def hash_secret(secret: str) -> bytes:
    """What is kept of an API key. Plain SHA-256 is enough for 256 random bits; it has nothing to guess."""
    return hashlib.sha256(secret.encode()).digest()


def same_hash(kept: bytes, given: bytes) -> bool:
    """Compare two hashes in constant time."""
    return hmac.compare_digest(kept, given)


def make_code() -> tuple[str, str]:
    """A new sign-in code as (code, salt)."""
    return f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}", secrets.token_hex(16)


def hash_code(*, member_id: int, code: str, salt: str) -> bytes:
    """What is kept of a sign-in code: an HMAC under SECRET_KEY; the table alone gives no code away."""
    value = f"{member_id}:{salt}:{code}"
    return salted_hmac("regulars.identity.sign_in_code", value, algorithm="sha256").digest()


def hash_join_code(*, email: str, code: str, salt: str) -> bytes:
    """The same of a code with which an address joins."""
    value = f"{email}:{salt}:{code}"
    return salted_hmac("regulars.identity.join_code", value, algorithm="sha256").digest()


def hash_subject(subject: str) -> bytes:
    """Whose attempts are counted, without keeping who it is."""
    return salted_hmac("regulars.identity.throttle", subject, algorithm="sha256").digest()


def is_session_over(*, signed_in_at: datetime, seen_at: datetime, now: datetime) -> bool:
    """Whether an operator's session has ended by itself: a working day is over, or nobody was there."""
    return now - signed_in_at >= SESSION_LASTS or now - seen_at >= SESSION_IDLE


def is_key_unused(key: ApiKeyInfo, now: datetime) -> bool:
    """Whether a good key has not been used for ninety days, or never since it was made so long ago."""
    return key.is_good(now) and now - (key.last_used_at or key.created_at) >= KEY_UNUSED_AFTER


def make_token() -> str:
    """What makes a link good: 256 random bits."""
    return secrets.token_urlsafe(32)


def make_recovery_codes() -> tuple[str, ...]:
    """Ten codes of 79 random bits each, in groups that can be read out."""
    return tuple(
        "-".join(
            "".join(secrets.choice(_PREFIX_ALPHABET) for _sign in range(4))
            for _group in range(_RECOVERY_GROUPS)
        )
        for _code in range(RECOVERY_CODES)
    )


def read_code(raw: str) -> str:
    """A code as people type it, without spaces, hyphens and capitals."""
    return "".join(sign for sign in raw.casefold() if sign.isalnum())


def hash_recovery_code(raw: str) -> bytes:
    """What is kept of a recovery code. Nothing to guess in 79 bits; and no key, so that it outlives one."""
    return hash_secret(f"recovery:{read_code(raw)}")


def passkey_handle(operator_id: int) -> bytes:
    """What an operator is called on their devices: says nothing of them to anybody else."""
    return salted_hmac("regulars.identity.passkey", str(operator_id), algorithm="sha256").digest()
