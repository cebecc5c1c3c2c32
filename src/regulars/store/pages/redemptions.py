"""What members have redeemed: ready to use, used, over."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from regulars.design.facade import draw_qr, format_day, format_until
from regulars.kit.actor import Actor
from regulars.kit.ids import MemberId, RedemptionId
from regulars.redemption import facade as redemption
from regulars.redemption.facade import RedemptionState, Shelf
from regulars.store.pages.calendars import can_remind

PAGE_SIZE = 20


@dataclass(frozen=True, slots=True)
class RedemptionCard:
    """One redemption with its state in words.

    `usable` says that the code still works, `remindable` that there is a last day ahead.
    """

    view: redemption.RedemptionView
    usable: bool
    badge: str
    state_name: str
    sentence: str
    remindable: bool = False

    @property
    def shown_code(self) -> str:
        """What is shown at the till: the code, or the reference where the reward has none."""
        return self.view.code or self.view.reference


@dataclass(frozen=True, slots=True)
class MyRewardsPage:
    """One page of the list."""

    show: Shelf
    redemptions: tuple[RedemptionCard, ...]
    next_href: str

    @property
    def tabs(self) -> list[tuple[str, str, bool]]:
        """What can be shown: address, name, and whether it is."""
        first = reverse("store:my_rewards")
        names = {
            Shelf.READY.value: _("Ready"),
            Shelf.USED.value: _("Used"),
            Shelf.EXPIRED.value: _("Expired"),
            Shelf.CANCELLED.value: _("Taken back"),
        }
        return [
            (first if value == Shelf.READY.value else f"{first}?show={value}", name, value == self.show)
            for value, name in names.items()
        ]

    @property
    def empty_title(self) -> str:
        """What to say where there is nothing."""
        return {
            Shelf.READY: _("Nothing waiting for you"),
            Shelf.USED: _("Nothing used yet"),
            Shelf.EXPIRED: _("Nothing expired"),
            Shelf.CANCELLED: _("Nothing taken back"),
        }[self.show]

    @property
    def empty_text(self) -> str:
        """What to say below it."""
        return {
            Shelf.READY: _("What you redeem will wait here, with its code."),
            Shelf.USED: _("Rewards that you have used will be kept here."),
            Shelf.EXPIRED: _("Rewards whose time ran out will be kept here."),
            Shelf.CANCELLED: _("Rewards that were taken back, or not picked up in time, will be kept here."),
        }[self.show]


@dataclass(frozen=True, slots=True)
class RedemptionPage:
    """One redemption. `fresh` says that it was made a moment ago."""

    redemption: RedemptionCard
    cancellable: bool
    fresh: bool = False

    @property
    def qr(self) -> SafeString:
        """What is shown at the till, for a scanner."""
        return draw_qr(self.redemption.shown_code)


def load_my_rewards(member_id: MemberId, show: str, cursor: str | None, now: datetime) -> MyRewardsPage:
    """One page of the member's redemptions, latest first. Raises BadCursor."""
    shelf = Shelf(show) if show in list(Shelf) else Shelf.READY
    found = redemption.list_shelf(member_id=member_id, shelf=shelf, now=now, cursor=cursor, size=PAGE_SIZE)
    next_href = ""
    if found.next_cursor:
        next_href = (
            f"{reverse('store:my_rewards')}?{urlencode({'show': shelf.value, 'cursor': found.next_cursor})}"
        )
    return MyRewardsPage(shelf, tuple(describe(view, now) for view in found.items), next_href)


def load_redemption(
    redemption_id: RedemptionId, actor: Actor, now: datetime, *, fresh: bool = False
) -> RedemptionPage:
    """One redemption of the member's own. Raises RedemptionNotFound, NotYours."""
    view = redemption.get_redemption(redemption_id)
    redemption.check_can_see(view.member_id, actor)
    return RedemptionPage(
        redemption=describe(view, now),
        cancellable=redemption.can_cancel(view, now),
        fresh=fresh and redemption.find_shelf(view, now) is Shelf.READY,
    )


def describe(view: redemption.RedemptionView, now: datetime) -> RedemptionCard:
    """A redemption and its state in the member's words."""
    shelf = redemption.find_shelf(view, now)
    if shelf is Shelf.CANCELLED:
        day = format_day(view.cancelled_at or view.reserved_at, now)
        sentence = _("The points went back to you on %(day)s.") % {"day": day}
        return RedemptionCard(view, False, "muted", _("Taken back"), sentence)
    if shelf is Shelf.EXPIRED:
        day = _last_day(view.valid_until, now) if view.valid_until else ""
        sentence = _("It was good until the end of %(day)s.") % {"day": day}
        return RedemptionCard(view, False, "muted", _("Expired"), sentence)
    if shelf is Shelf.USED:
        day = format_day(view.fulfilled_at or view.reserved_at, now)
        sentence = _("Done on %(day)s.") % {"day": day}
        return RedemptionCard(view, False, "muted", _("Used"), sentence)
    if view.state is RedemptionState.RESERVED:
        until = format_until(view.times_out_at, now) if view.times_out_at else ""
        sentence = _("Set aside for you until %(when)s. Pay the rest at the till.") % {"when": until}
        return RedemptionCard(view, True, "honey", _("Set aside"), sentence, can_remind(view, now))
    told = _say_how_long(view, now)
    return RedemptionCard(view, True, "secondary", _("Ready to use"), told, can_remind(view, now))


def _say_how_long(view: redemption.RedemptionView, now: datetime) -> str:
    if view.valid_until is not None:
        return _("Good until the end of %(day)s.") % {"day": _last_day(view.valid_until, now)}
    if not view.code:
        return _("Show the reference at the till and pick it up whenever you like.")
    return _("Show the code at the till, or enter it in the online shop.")


def _last_day(ends_at: datetime, now: datetime) -> str:
    """The last day of something that ends at the instant at which that day is over."""
    return format_day(ends_at - timedelta(microseconds=1), now)
