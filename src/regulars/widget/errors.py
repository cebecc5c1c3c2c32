"""Refusals of the widget."""

from regulars.kit.errors import InvalidInput, NotAllowed, NotFound


class WidgetKeyInvalid(InvalidInput):
    """A key needs a label."""

    code = "widget_key_invalid"


class WidgetKeyUnknown(NotFound):
    """No key of the widget has this name."""

    code = "widget_key_not_found"


class OriginInvalid(InvalidInput):
    """A site is not written as an origin: scheme, host and perhaps a port, such as https://shop.example."""

    code = "origin_invalid"


class OriginRefused(NotAllowed):
    """The page that asks stands on a site that has not been allowed."""

    code = "origin_not_allowed"


class TokenRefused(NotAllowed):
    """The member token is not good. One sentence for every cause: it helps nobody to forge another."""

    code = "token_invalid"


class TokenExpired(TokenRefused):
    """The member token was good and has run out: a new one may be asked for."""

    code = "token_expired"
