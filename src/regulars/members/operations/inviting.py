"""Asking a member in: a message to their own address, which they need no consent for and is no marketing."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from regulars.delivery import facade as delivery
from regulars.kit.actor import Actor
from regulars.kit.ids import MemberId
from regulars.members.errors import NothingToInviteTo
from regulars.members.policies import check_is_shop
from regulars.members.queries import get_member
from regulars.trail import facade as trail


@transaction.atomic(durable=True)
def invite_member(*, actor: Actor, now: datetime, member_id: MemberId, shop: str, link: str) -> str:
    """Send a member the way to sign in and finish their profile; answer the address.

    Written in the language that is active. The link lets nobody in: a code goes to the same address when they
    sign in, so a message that is passed on opens nothing. Says what it is for, and that it comes once.
    Locks nothing. Writes an audit line. Raises MemberUnknown, NotThem, NothingToInviteTo.
    """
    check_is_shop(actor)
    profile = get_member(member_id)
    if profile.anonymised_at is not None or profile.merged_into is not None:
        raise NothingToInviteTo(_("There is nobody left to invite."))
    if profile.email is None:
        raise NothingToInviteTo(_("There is no e-mail address to invite to."))
    told = _(
        "Hello %(name)s,\n\n"
        "%(shop)s keeps an account for you, with your points and what you can have for them.\n\n"
        "Sign in with this address, and we send you a code: no password is needed.\n%(link)s\n\n"
        "Somebody at %(shop)s asked us to send you this once. If you want no account, answer them; "
        "without you nothing more is sent."
    ) % {"name": profile.given_name or profile.name, "shop": shop, "link": link}
    subject = _("Your account at %(shop)s") % {"shop": shop}
    delivery.send_email(to=profile.email, subject=subject[:200], text=told, now=now)
    trail.record_audit(actor=actor, now=now, action="member.invited", subject=f"member:{member_id}")
    return profile.email
