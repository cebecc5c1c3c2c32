"""What is filled in about an operator, checked before anything is written."""

from zoneinfo import available_timezones

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from regulars.identity.errors import OperatorInvalid
from regulars.identity.models import Operator
from regulars.identity.types import Role

NAME_LENGTH_MAX = 120


def check_email(raw: str) -> str:
    """An address in small letters. Raises OperatorInvalid."""
    email = raw.strip().lower()
    try:
        validate_email(email)
    except ValidationError:
        raise OperatorInvalid(f"{raw.strip()[:80]!r} is not an e-mail address.", field="email") from None
    return email


def check_name(raw: str) -> str:
    """A name without needless spaces. Raises OperatorInvalid."""
    name = " ".join(raw.split())
    if len(name) > NAME_LENGTH_MAX:
        raise OperatorInvalid(f"A name has at most {NAME_LENGTH_MAX} characters.", field="name")
    return name


def check_role(role: str) -> Role:
    """A role that there is. Raises OperatorInvalid."""
    if role not in set(Role):
        raise OperatorInvalid(f"{role!r} is not a role; there are {', '.join(Role)}.", field="role")
    return Role(role)


def check_new_password(password: str, row: Operator) -> None:
    """Refuse what is too short or too common. Raises OperatorInvalid."""
    try:
        validate_password(password, user=row)
    except ValidationError as error:
        raise OperatorInvalid(" ".join(error.messages), field="password") from None


def check_language(raw: str) -> str:
    """A language that the house speaks, or none. Raises OperatorInvalid."""
    if raw and raw not in dict(settings.LANGUAGES):
        raise OperatorInvalid(_("This language is not spoken here."), field="language")
    return raw


def check_time_zone(raw: str) -> str:
    """A time zone that there is, or none. Raises OperatorInvalid."""
    if raw and raw not in available_timezones():
        raise OperatorInvalid(_("There is no such time zone."), field="time_zone")
    return raw
