"""What the API itself refuses; everything else it refuses in the words of the room that does."""

from regulars.kit.errors import Conflict, InvalidInput


class KeyNeeded(InvalidInput):
    """This request must carry an Idempotency-Key: it spends points."""

    code = "idempotency_key_needed"


class IdentityTaken(Conflict):
    """The e-mail address, telephone or card belongs to another member."""

    code = "identity_taken"


class ItemInvalid(InvalidInput):
    """An item of a batch makes no sense."""

    code = "invalid_input"
