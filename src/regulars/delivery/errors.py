"""Refusals of delivery."""

from regulars.kit.errors import InvalidInput, Unavailable


class EmailRefused(InvalidInput):
    """The address or the subject cannot be sent; `extra["field"]` names it."""

    code = "email_invalid"


class TextRefused(InvalidInput):
    """The number or the text cannot be sent; `extra["field"]` names it."""

    code = "text_invalid"


class TextsNotSetUp(Unavailable):
    """No way to send text messages has been set up."""

    code = "texts_not_set_up"
