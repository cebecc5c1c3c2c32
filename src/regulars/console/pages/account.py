"""An operator's own account, as pages."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from regulars.identity import facade as identity
from regulars.identity.facade import SignInWay
from regulars.kit.ids import OperatorId

WAY_NAMES: dict[SignInWay, Promise] = {
    SignInWay.PASSWORD: _("with the password alone"),
    SignInWay.TOTP: _("with a code of the app"),
    SignInWay.RECOVERY: _("with a recovery code"),
    SignInWay.PASSKEY: _("with a passkey"),
}


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One place where an operator is signed in, in words."""

    number: int
    device: str
    way: Promise
    address: str
    signed_in_at: datetime
    seen_at: datetime
    is_phone: bool
    is_this: bool


def read_sessions(operator_id: OperatorId, now: datetime, this: int | None = None) -> list[SessionRow]:
    """Where an operator is signed in, this browser first. One query."""
    rows = [
        SessionRow(
            number=one.number,
            device=identity.name_device(one.agent),
            way=WAY_NAMES[one.way],
            address=one.address,
            signed_in_at=one.signed_in_at,
            seen_at=one.seen_at,
            is_phone=any(sign in one.agent for sign in ("iPhone", "Android", "iPad")),
            is_this=one.number == this,
        )
        for one in identity.list_operator_sessions(operator_id, now)
    ]
    return sorted(rows, key=lambda row: not row.is_this)
