"""Operators' browser sessions: the one place where identity meets a request."""

from datetime import datetime, timedelta

from django.contrib.auth import login, logout
from django.http import HttpRequest

from regulars.identity.models import Operator
from regulars.identity.operations import check_operator_password
from regulars.identity.queries import operator_info
from regulars.identity.types import OperatorInfo

SESSION_LASTS = timedelta(hours=12)
BACKEND = "django.contrib.auth.backends.ModelBackend"


def sign_in_operator(
    request: HttpRequest, *, email: str, password: str, address: str, now: datetime
) -> OperatorInfo:
    """Check e-mail and password and open a session with a new key, for a working day.

    Raises TooManyAttempts, SignInRefused.
    """
    operator = check_operator_password(email=email, password=password, address=address, now=now)
    login(request, Operator.objects.get(id=operator.id), backend=BACKEND)
    request.session.set_expiry(SESSION_LASTS)
    return operator


def sign_out_operator(request: HttpRequest) -> None:
    """End the session and everything in it."""
    logout(request)


def find_signed_in_operator(request: HttpRequest) -> OperatorInfo | None:
    """The operator of this session; None where nobody is signed in or the operator works no more."""
    user = request.user
    return operator_info(user) if isinstance(user, Operator) and user.is_active else None
