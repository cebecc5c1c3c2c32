"""Refusals of identity."""

from regulars.kit.errors import Conflict, InvalidInput, NotAllowed, NotFound, TooMany


class OperatorInvalid(InvalidInput):
    """An operator's e-mail, password or role makes no sense; `extra["field"]` names it."""

    code = "operator_invalid"


class OperatorExists(Conflict):
    """An operator with this e-mail address exists already."""

    code = "operator_exists"


class OperatorUnknown(NotFound):
    """No operator has this number or address."""

    code = "operator_not_found"


class LastOwner(Conflict):
    """Somebody must remain who may do everything."""

    code = "last_owner"


class SignInRefused(NotAllowed):
    """E-mail and password do not go together. It does not tell which of them is wrong."""

    code = "sign_in_refused"


class PermissionMissing(NotAllowed):
    """The operator's role does not permit this."""

    code = "permission_missing"


class ScopeMissing(NotAllowed):
    """The API key's scopes do not permit this."""

    code = "scope_missing"


class ApiKeyInvalid(InvalidInput):
    """An API key needs a label and known scopes."""

    code = "api_key_invalid"


class ApiKeyUnknown(NotFound):
    """No API key has this number."""

    code = "api_key_not_found"


class TooManyAttempts(TooMany):
    """Tried too often; `extra["retry_after_seconds"]` says when it is worth trying again."""

    code = "too_many_attempts"


class SignInCodeWrong(NotAllowed):
    """The code is wrong, used, expired or was tried too often; ask for a new one."""

    code = "sign_in_code_wrong"


class SavedViewInvalid(InvalidInput):
    """A saved view needs a name of some sixty letters at most, and an address that is not endless."""

    code = "saved_view_invalid"


class SavedViewUnknown(NotFound):
    """No view of this operator has this number."""

    code = "saved_view_not_found"


class SavedViewsFull(Conflict):
    """An operator keeps only so many views of one table."""

    code = "saved_views_full"
