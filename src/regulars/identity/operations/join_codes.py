"""Writes of the codes with which somebody who is no member yet proves an address."""

from datetime import datetime
from functools import partial

from django.db import transaction
from django.utils.translation import gettext as _

from regulars.identity.errors import SignInCodeWrong
from regulars.identity.models import JoinCode
from regulars.identity.operations.codes import try_code
from regulars.identity.policies import CODE_LIFE, hash_join_code, make_code
from regulars.identity.types import SignInTicket


@transaction.atomic
def issue_join_code(*, email: str, now: datetime) -> SignInTicket:
    """A new six-digit code for an address, good for ten minutes and only together with its ticket's number.

    May join a caller's transaction, so that the code and the e-mail that carries it come together.
    How many are asked for is for the caller to count. Locks nothing.
    """
    code, salt = make_code()
    row = JoinCode.objects.create(
        salt=salt,
        code_hash=hash_join_code(email=email, code=code, salt=salt),
        issued_at=now,
        expires_at=now + CODE_LIFE,
    )
    return SignInTicket(row.pk, code)


def check_join_code(*, email: str, ticket: int, code: str, now: datetime) -> None:
    """Use up the code of a ticket. Returns where it is right; each code is right once.

    The attempt is counted in a transaction of its own, which stands when the code is wrong.
    Locks the code's row. Raises SignInCodeWrong: wrong, used, expired or tried five times.
    """
    with transaction.atomic(durable=True):
        row = JoinCode.objects.select_for_update().filter(pk=ticket).first()
        right = try_code(row, partial(hash_join_code, email=email), code, now)
    if not right:
        raise SignInCodeWrong(_("This code is wrong or no longer good. Look again, or ask for a new one."))
