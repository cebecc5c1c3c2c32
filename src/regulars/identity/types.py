"""What crosses the door of identity: operators, permissions, API keys, scopes."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from regulars.kit.actor import Actor, ActorKind
from regulars.kit.ids import ApiKeyId, OperatorId


class Role(StrEnum):
    """What an operator is here for. One role each; what it permits stands in `policies`."""

    OWNER = "owner"
    MARKETER = "marketer"
    SUPPORT = "support"
    FINANCE = "finance"
    DEVELOPER = "developer"
    READ_ONLY = "read_only"


class SignInWay(StrEnum):
    """How an operator proved to be who they are."""

    PASSWORD = "password"  # noqa: S105  (a name)
    TOTP = "totp"
    RECOVERY = "recovery_code"
    PASSKEY = "passkey"


class Permission(StrEnum):
    """One thing that an operator may be allowed to do."""

    MEMBERS_VIEW = "members:view"
    MEMBERS_EDIT = "members:edit"
    MEMBERS_ERASE = "members:erase"
    POINTS_ADJUST = "points:adjust"
    AWARDS_REVERSE = "awards:reverse"
    REDEMPTIONS_MANAGE = "redemptions:manage"
    PROGRAMME_VIEW = "programme:view"
    PROGRAMME_PUBLISH = "programme:publish"
    CATALOGUE_MANAGE = "catalogue:manage"
    BRAND_MANAGE = "brand:manage"
    FINANCE_VIEW = "finance:view"
    FINANCE_MANAGE = "finance:manage"
    INSIGHTS_VIEW = "insights:view"
    INSIGHTS_ASK = "insights:ask"
    INSIGHTS_MANAGE = "insights:manage"
    SEGMENTS_VIEW = "segments:view"
    SEGMENTS_MANAGE = "segments:manage"
    TRAIL_VIEW = "trail:view"
    API_KEYS_MANAGE = "api_keys:manage"
    OPERATORS_MANAGE = "operators:manage"


class Scope(StrEnum):
    """One thing that an API key may do."""

    MEMBERS_READ = "members:read"
    MEMBERS_WRITE = "members:write"
    ORDERS_WRITE = "orders:write"
    EVENTS_WRITE = "events:write"
    REWARDS_READ = "rewards:read"
    REDEMPTIONS_WRITE = "redemptions:write"
    POINTS_ADJUST = "points:adjust"
    POINTS_GIVE = "points:give"
    SEGMENTS_READ = "segments:read"
    SEGMENTS_WRITE = "segments:write"
    RECOMMENDATIONS_READ = "recommendations:read"


class CodeUse(StrEnum):
    """What a member's code is asked for. The audit trail tells them apart."""

    SIGN_IN = "sign_in"
    CONTACT = "contact"


@dataclass(frozen=True, slots=True)
class SignInTicket:
    """An attempt to sign in: the number stays with the browser that asked, the code goes by e-mail."""

    number: int
    code: str


@dataclass(frozen=True, slots=True)
class MemberSessionInfo:
    """One place where a member is signed in; `agent` is what the browser says of itself."""

    number: int
    signed_in_at: datetime
    seen_at: datetime
    agent: str


@dataclass(frozen=True, slots=True)
class OperatorInfo:
    """Someone who works the console."""

    id: OperatorId
    email: str
    name: str
    role: Role
    active: bool
    created_at: datetime
    last_sign_in_at: datetime | None = None
    language: str = ""
    time_zone: str = ""

    @property
    def actor(self) -> Actor:
        """This operator as the one who acts."""
        return Actor(ActorKind.OPERATOR, str(self.id))


@dataclass(frozen=True, slots=True)
class Visit:
    """An operator at a browser. Whoever `must_enrol` has to set up a second factor before all else."""

    operator: OperatorInfo
    session: int
    must_enrol: bool


@dataclass(frozen=True, slots=True)
class OperatorSessionInfo:
    """One place where an operator is signed in; `agent` is what the browser says of itself."""

    number: int
    way: SignInWay
    signed_in_at: datetime
    seen_at: datetime
    agent: str
    address: str


@dataclass(frozen=True, slots=True)
class InvitationInfo:
    """A place in the team that waits for somebody."""

    number: int
    email: str
    name: str
    role: Role
    invited_by: OperatorId | None
    sent_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class TotpEnrolment:
    """What an authenticator app needs: the secret in base32, and the same as an address for a QR code."""

    secret: str
    uri: str


@dataclass(frozen=True, slots=True)
class PasskeyInfo:
    """A passkey of an operator."""

    number: int
    label: str
    created_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class TwoFactorInfo:
    """What an operator has besides the password."""

    totp_since: datetime | None
    passkeys: tuple[PasskeyInfo, ...]
    codes_left: int
    required: bool

    @property
    def on(self) -> bool:
        """Whether a password alone does not suffice."""
        return self.totp_since is not None or bool(self.passkeys)


@dataclass(frozen=True, slots=True)
class Site:
    """Where passkeys are made and asked for: the host without its port, the shop's name, pages' origins."""

    rp_id: str
    name: str
    origins: frozenset[str]


@dataclass(frozen=True, slots=True)
class ApiKeyInfo:
    """An API key without its secret, which nobody can read again."""

    id: ApiKeyId
    prefix: str
    label: str
    scopes: frozenset[Scope]
    created_at: datetime
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None
    expires_at: datetime | None = None
    made_by: str = ""
    follows: ApiKeyId | None = None

    def is_good(self, now: datetime) -> bool:
        """Whether it is let in: neither revoked nor past its day."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)

    @property
    def actor(self) -> Actor:
        """This key as the one who acts."""
        return Actor(ActorKind.API_KEY, self.prefix)


@dataclass(frozen=True, slots=True)
class SavedViewInfo:
    """How somebody looks at a table. `query` is what its address has after the question mark."""

    number: int
    table: str
    name: str
    query: str
    shared: bool
    owner_id: OperatorId
    owner_name: str
