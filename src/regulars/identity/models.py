"""Tables of identity: operators and how they sign in, members' codes, API keys, counted attempts, views."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from regulars.identity.types import Role, SignInWay


class OperatorRows(BaseUserManager["Operator"]):
    """Finds an operator by the e-mail address, however its letters are cased."""

    def get_by_natural_key(self, username: str | None) -> "Operator":
        """The operator of that address. Raises Operator.DoesNotExist."""
        return self.get(email=(username or "").strip().lower())


class Operator(AbstractBaseUser):
    """Someone who works the console. Never deleted: the audit trail names operators."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120, blank=True)
    role = models.CharField(max_length=16, choices=[(role.value, role.value) for role in Role])
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    language = models.CharField(max_length=12, blank=True)
    time_zone = models.CharField(max_length=64, blank=True)

    objects: ClassVar[OperatorRows] = OperatorRows()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["role"]

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="identity_operator_email_lower", condition=Q(email=Lower(F("email")))
            ),
            models.CheckConstraint(
                name="identity_operator_role_known", condition=Q(role__in=[role.value for role in Role])
            ),
        ]

    def __str__(self) -> str:
        return self.email


class ApiKey(models.Model):
    """A shop's system that may call the API. Only a hash of its secret is kept."""

    prefix = models.CharField(max_length=12, unique=True)
    secret_hash = models.BinaryField(max_length=32)
    label = models.CharField(max_length=120)
    scopes = ArrayField(models.CharField(max_length=40))
    created_at = models.DateTimeField()
    made_by = models.CharField(max_length=80, blank=True)
    last_used_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    follows = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(name="identity_apikey_has_scopes", condition=Q(scopes__len__gt=0)),
            # A key is followed by one at most: of two rotations at once, the second is refused.
            models.UniqueConstraint(fields=["follows"], name="identity_apikey_follows_once"),
        ]

    def __str__(self) -> str:
        return f"{self.label} ({self.prefix})"


class SignInCode(models.Model):
    """A code sent to a member. The member is a plain number: members live in a room above this one."""

    member_id = models.BigIntegerField()
    salt = models.CharField(max_length=32)
    code_hash = models.BinaryField(max_length=32)
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["member_id", "-id"], name="identity_code_by_member")]
        constraints = [
            models.CheckConstraint(
                name="identity_code_expires_later", condition=Q(expires_at__gt=F("issued_at"))
            ),
        ]

    def __str__(self) -> str:
        return f"sign-in code {self.pk} of member {self.member_id}"


class JoinCode(models.Model):
    """A code sent to somebody who wants to join. Whose address it was is kept in the code's hash alone."""

    salt = models.CharField(max_length=32)
    code_hash = models.BinaryField(max_length=32)
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["issued_at"], name="identity_join_code_by_time")]
        constraints = [
            models.CheckConstraint(
                name="identity_join_code_expires_later", condition=Q(expires_at__gt=F("issued_at"))
            ),
        ]

    def __str__(self) -> str:
        return f"code {self.pk} to join"


class Throttle(models.Model):
    """How often something was tried in the present window: one row for each (scope, subject)."""

    scope = models.CharField(max_length=40)
    subject_hash = models.BinaryField(max_length=32)
    window_started_at = models.DateTimeField()
    window_ends_at = models.DateTimeField(db_index=True)
    attempts = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scope", "subject_hash"], name="identity_throttle_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.scope}: {self.attempts}"


class MemberSession(models.Model):
    """Where a member is signed in. The browser's own session names the row; without it, nobody is let in."""

    member_id = models.BigIntegerField()
    signed_in_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    agent = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [models.Index(fields=["member_id", "-seen_at"], name="identity_session_by_member")]

    def __str__(self) -> str:
        return f"session {self.pk} of member {self.member_id}"


class SavedView(models.Model):
    """How an operator looks at one of the console's tables: its address's query, under a name."""

    operator = models.ForeignKey(Operator, models.CASCADE, related_name="+")
    table = models.SlugField(max_length=40)
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=2_000, blank=True)
    shared = models.BooleanField(default=False)
    saved_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["table"], condition=Q(shared=True), name="identity_view_shared"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["operator", "table", "name"], name="identity_view_unique"),
            models.CheckConstraint(name="identity_view_named", condition=~Q(name="")),
        ]

    def __str__(self) -> str:
        return f"{self.table}: {self.name}"


class Invitation(models.Model):
    """A place in the team that waits for somebody. Of the link that was sent, only a hash is kept."""

    email = models.EmailField()
    name = models.CharField(max_length=120, blank=True)
    role = models.CharField(max_length=16, choices=[(role.value, role.value) for role in Role])
    invited_by = models.ForeignKey(Operator, models.PROTECT, null=True, related_name="+")
    token_hash = models.BinaryField(max_length=32, unique=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="identity_invitation_email_lower", condition=Q(email=Lower(F("email")))
            ),
            models.CheckConstraint(
                name="identity_invitation_role_known", condition=Q(role__in=[role.value for role in Role])
            ),
            models.UniqueConstraint(
                fields=["email"],
                condition=Q(accepted_at__isnull=True, revoked_at__isnull=True),
                name="identity_invitation_one_open",
            ),
        ]

    def __str__(self) -> str:
        return f"invitation of {self.email}"


class Totp(models.Model):
    """An operator's authenticator app: the secret, sealed, and the last time step whose code was taken."""

    operator = models.OneToOneField(Operator, models.CASCADE, primary_key=True, related_name="+")
    sealed_secret = models.BinaryField()
    last_step = models.BigIntegerField(default=0)
    begun_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"authenticator app of operator {self.operator_id}"


class Passkey(models.Model):
    """A public key whose other half an operator's device keeps. `rp_id`: the host that it is good for."""

    operator = models.ForeignKey(Operator, models.CASCADE, related_name="+")
    rp_id = models.CharField(max_length=253)
    credential_id = models.BinaryField(max_length=1023, unique=True)
    public_key = models.BinaryField()
    sign_count = models.BigIntegerField()
    label = models.CharField(max_length=120)
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"passkey {self.label} of operator {self.operator_id}"


class RecoveryCode(models.Model):
    """One way in without the second factor, once. Only a hash of it is kept."""

    operator = models.ForeignKey(Operator, models.CASCADE, related_name="+")
    code_hash = models.BinaryField(max_length=32)
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["operator", "code_hash"], name="identity_recovery_unique"),
        ]

    def __str__(self) -> str:
        return f"recovery code {self.pk} of operator {self.operator_id}"


class RequiredFactor(models.Model):
    """A role whose operators must have a second factor."""

    role = models.CharField(
        max_length=16, primary_key=True, choices=[(role.value, role.value) for role in Role]
    )
    required_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"second factor for {self.role}"


class OperatorSession(models.Model):
    """Where an operator is signed in. The browser's own session names the row; without it, nobody gets in."""

    operator = models.ForeignKey(Operator, models.CASCADE, related_name="+")
    way = models.CharField(max_length=16, choices=[(way.value, way.value) for way in SignInWay])
    signed_in_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    agent = models.CharField(max_length=300, blank=True)
    address = models.CharField(max_length=45, blank=True)

    def __str__(self) -> str:
        return f"session {self.pk} of operator {self.operator_id}"
