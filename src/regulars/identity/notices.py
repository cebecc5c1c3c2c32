"""What operators are told by e-mail: that something about their way in has changed. Where mail is set up."""

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from regulars.delivery import facade as delivery
from regulars.identity.models import Invitation, Operator


class Change(StrEnum):
    """What an operator is told of."""

    TOTP_ADDED = "totp_added"
    TOTP_REMOVED = "totp_removed"
    PASSKEY_ADDED = "passkey_added"
    PASSKEY_REMOVED = "passkey_removed"
    RECOVERY_CODES_MADE = "recovery_codes_made"
    RECOVERY_CODE_USED = "recovery_code_used"
    TWO_FACTOR_RESET = "two_factor_reset"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105  (a name)


def can_mail() -> bool:
    """Whether a mail server is named; without one, nobody waits for a message that cannot come."""
    return bool(settings.MAIL_IS_SET_UP)


def tell_operator(operator: Operator, change: Change, now: datetime) -> None:
    """Send the operator a note, in their language, in the transaction of the change itself."""
    if not can_mail():
        return
    with translation.override(operator.language or settings.LANGUAGE_CODE):
        subject, what = _words()[change]
        delivery.send_email(
            to=operator.email,
            subject=subject,
            text="\n\n".join(
                [
                    what,
                    _("It concerns the account %(email)s.") % {"email": operator.email},
                    _(
                        "Was it not you? Then change your password at once, end your other sessions, "
                        "and tell an owner."
                    ),
                ]
            ),
            now=now,
        )


def send_invitation(
    row: Invitation, *, token: str, link_of: Callable[[str], str], inviter: str, shop: str, now: datetime
) -> bool:
    """Send the link, and answer whether it was; in the reader's language as far as the inviter's tells."""
    if not can_mail():
        return False
    days = (row.expires_at - now).days
    words = {"inviter": inviter, "shop": shop, "link": link_of(token), "days": days}
    by = _("%(inviter)s invites you to work on %(shop)s.") if inviter else _("You are invited to %(shop)s.")
    delivery.send_email(
        to=row.email,
        subject=_("Your place in the team of %(shop)s") % {"shop": shop},
        text="\n\n".join(
            [
                by % words,
                _("Choose your password here: %(link)s") % words,
                _("The link is good once, and for %(days)d days. Did you not expect it? Then ignore it.")
                % words,
            ]
        ),
        now=now,
    )
    return True


def _words() -> dict[Change, tuple[str, str]]:
    return {
        Change.TOTP_ADDED: (
            _("An authenticator app was set up"),
            _("From now on, signing in asks for a code of your authenticator app."),
        ),
        Change.TOTP_REMOVED: (
            _("Your authenticator app was removed"),
            _("Its codes are no longer asked for and no longer good."),
        ),
        Change.PASSKEY_ADDED: (
            _("A passkey was added"),
            _("It lets you sign in without a password."),
        ),
        Change.PASSKEY_REMOVED: (
            _("A passkey was removed"),
            _("Nobody can sign in with it any more."),
        ),
        Change.RECOVERY_CODES_MADE: (
            _("New recovery codes were made"),
            _("The codes made before are no longer good."),
        ),
        Change.RECOVERY_CODE_USED: (
            _("A recovery code was used"),
            _("Somebody signed in with one of your recovery codes. It is no longer good."),
        ),
        Change.TWO_FACTOR_RESET: (
            _("Your two-factor sign-in was reset"),
            _(
                "Your authenticator app, passkeys and recovery codes are no longer good, and you are signed "
                "out everywhere. Your password alone lets you in until you set them up again."
            ),
        ),
        Change.PASSWORD_CHANGED: (
            _("Your password was changed"),
            _("You are signed out wherever you used the old one."),
        ),
    }
