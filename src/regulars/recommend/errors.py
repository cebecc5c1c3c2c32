"""What recommend refuses."""

from regulars.kit.errors import InvalidInput, NotFound, Unavailable


class MarkInvalid(InvalidInput):
    """A mark that contradicts itself; `field` names what is wrong."""

    code = "mark_invalid"


class MarkNotFound(NotFound):
    """There is no such mark, or it has ended."""

    code = "mark_not_found"


class ProductUnknown(NotFound):
    """The shop has no such product."""

    code = "product_unknown"


class ShownNotFound(NotFound):
    """Nothing was shown to this member under that number, or it was forgotten since."""

    code = "shown_not_found"


class ModelUnreadable(Unavailable):
    """The file of a trained model is gone, damaged, or of another version."""

    code = "model_unreadable"


class TooLittleKnown(Unavailable):
    """There are too few purchases to compare models on."""

    code = "too_little_known"
