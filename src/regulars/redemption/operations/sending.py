"""Sending a member what they redeemed, so that they have it without signing in."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from regulars.delivery import facade as delivery
from regulars.kit.actor import Actor
from regulars.kit.ids import RedemptionId
from regulars.members import facade as members
from regulars.redemption.errors import NothingToSend
from regulars.redemption.policies import check_can_see, find_shelf
from regulars.redemption.queries import get_redemption
from regulars.redemption.types import RedemptionState, RedemptionView, Shelf

SUBJECT_LENGTH_MAX = 200


@transaction.atomic(durable=True)
def email_redemption(*, actor: Actor, now: datetime, redemption_id: RedemptionId, link: str) -> str:
    """Send the code, or the reference, to the member's own address; answer the address.

    Written in the language and with the days of the time zone that are active. `link` leads to the
    redemption's page. Locks nothing. Raises RedemptionNotFound, NotYours, NothingToSend where it can no
    longer be used or the member has no address.
    """
    view = get_redemption(redemption_id)
    check_can_see(view.member_id, actor)
    if find_shelf(view, now) is not Shelf.READY:
        raise NothingToSend(_("There is nothing left to use."))
    address = members.get_member(view.member_id).email
    if address is None:
        raise NothingToSend(_("There is no e-mail address to send it to."))
    subject = _("Yours: %(reward)s") % {"reward": view.reward_name}
    delivery.send_email(
        to=address, subject=subject[:SUBJECT_LENGTH_MAX], text="\n\n".join(_write(view, link)), now=now
    )
    return address


def _write(view: RedemptionView, link: str) -> list[str]:
    """The message, paragraph by paragraph."""
    told = [view.reward_name]
    if view.code:
        told.append(_("Your code: %(code)s") % {"code": view.code})
    else:
        told.append(_("Show this reference at the till: %(reference)s") % {"reference": view.reference})
    if view.state is RedemptionState.RESERVED and view.times_out_at is not None:
        until = date_format(localtime(view.times_out_at), "DATETIME_FORMAT")
        told.append(_("Set aside for you until %(when)s. Pay the rest at the till.") % {"when": until})
    elif view.valid_until is not None:
        # What ends when a day is over is good until the end of that day.
        last = localtime(view.valid_until - timedelta(microseconds=1)).date()
        told.append(_("Good until the end of %(day)s.") % {"day": date_format(last, "DATE_FORMAT")})
    return [*told, link]
