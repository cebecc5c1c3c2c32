"""Refusals of delivery."""

from regulars.kit.errors import InvalidInput


class EmailRefused(InvalidInput):
    """The address or the subject cannot be sent; `extra["field"]` names it."""

    code = "email_invalid"
