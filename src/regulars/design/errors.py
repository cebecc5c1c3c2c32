"""Refusals of design."""

from regulars.kit.errors import Conflict, InvalidInput, NotFound


class BrandInvalid(InvalidInput):
    """A name or a colour that cannot be used. `field` names which."""

    code = "brand_invalid"


class LogoRefused(InvalidInput):
    """Not a picture that can be a logo."""

    code = "logo_refused"


class BrandMoved(Conflict):
    """Somebody else saved the brand meanwhile."""

    code = "brand_moved"


class BrandUnknown(NotFound):
    """There is no such version of the brand."""

    code = "brand_unknown"
