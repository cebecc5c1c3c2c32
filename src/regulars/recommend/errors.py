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


class EngineFailed(Unavailable):
    """The Spark cluster that the settings name could not do its part."""

    code = "engine_failed"

    @classmethod
    def of(cls, error: Exception) -> "EngineFailed":
        """The refusal that says in a line what Spark said."""
        told = [line.strip() for line in str(error).splitlines() if line.strip()]
        last = next((line for line in reversed(told) if "Error" in line or "Exception" in line), "")
        said = last or (told[0] if told else type(error).__name__)
        return cls(f"Spark could not do its part; what was made before stays. It says: {said[:300]}")
