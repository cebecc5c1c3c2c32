"""What the tests of two-factor sign-in stand on."""

from datetime import UTC, datetime
from typing import Any

import pyotp
import pytest

from regulars.identity import facade as identity
from regulars.identity.facade import OperatorInfo, Role
from regulars.kit.actor import SYSTEM
from regulars.kit.ids import OperatorId

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
PASSWORD = "a long enough phrase"


@pytest.fixture
def quick_hashes(settings: Any) -> None:
    """Scrypt is slow on purpose; where passwords are not the matter, any hash will do."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def olga(db: None, quick_hashes: None) -> OperatorInfo:
    return hire("olga@example.org", Role.OWNER)


def hire(email: str, role: Role = Role.SUPPORT) -> OperatorInfo:
    return identity.create_operator(actor=SYSTEM, now=NOW, email=email, password=PASSWORD, role=role)


def code_at(secret: str, when: datetime = NOW) -> str:
    """What the app shows at that instant."""
    return pyotp.TOTP(secret).at(when)


def set_up_app(operator_id: OperatorId, now: datetime = NOW) -> tuple[str, tuple[str, ...]]:
    """An app in use: its secret, and the recovery codes that came with it."""
    secret = identity.begin_totp(operator_id=operator_id, shop="Corner Shop", now=now).secret
    codes = identity.confirm_totp(actor=SYSTEM, operator_id=operator_id, code=code_at(secret, now), now=now)
    return secret, codes
