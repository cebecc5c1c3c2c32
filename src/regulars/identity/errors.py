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


class InvitationUnknown(NotFound):
    """No invitation is open under this number, or by this link."""

    code = "invitation_not_found"


class InvitationExists(Conflict):
    """Somebody with this address is invited already."""

    code = "invitation_exists"


class SecondFactorWrong(NotAllowed):
    """The code or the passkey is not right, or was used before. It does not tell which."""

    code = "second_factor_wrong"


class SecondFactorExists(Conflict):
    """There is an authenticator app already; remove it first."""

    code = "second_factor_exists"


class SecondFactorMissing(Conflict):
    """There is no second factor, or its setting up was not begun."""

    code = "second_factor_missing"


class PasskeyRefused(InvalidInput):
    """What the browser answered makes no passkey here."""

    code = "passkey_refused"


class PasskeyUnknown(NotFound):
    """No passkey of this operator has this number."""

    code = "passkey_not_found"


class SealBroken(Conflict):
    """A secret cannot be read: the installation's secret key is another one."""

    code = "seal_broken"


class PasswordWrong(NotAllowed):
    """The present password is another one."""

    code = "password_wrong"


class ApiKeyEnded(Conflict):
    """A key that has ended, or is being replaced already, is not replaced."""

    code = "api_key_ended"
