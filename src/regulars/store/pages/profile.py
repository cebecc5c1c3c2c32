"""A member's own data: who they are, what they agree to, what is kept of them, where they are signed in."""

import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import product
from zoneinfo import available_timezones

from django.http import QueryDict
from django.utils.translation import gettext as _

from regulars.catalogue import facade as catalogue
from regulars.identity import facade as identity
from regulars.members import facade as members
from regulars.members.facade import ConsentChannel, ConsentPurpose, PrivacyKind, PrivacyState
from regulars.recommend import facade as recommend
from regulars.redemption import facade as redemption
from regulars.store.visits import MemberVisit

CHANGES_SHOWN = 20
SESSIONS_SHOWN = 20
INTERESTS_OFFERED = 12
CHANNELS = (ConsentChannel.EMAIL, ConsentChannel.SMS, ConsentChannel.PUSH, ConsentChannel.POST)
_ZONE = re.compile(r"(Africa|America|Antarctica|Asia|Atlantic|Australia|Europe|Indian|Pacific)/.+")


@dataclass(frozen=True, slots=True)
class ConsentCell:
    """One channel for one purpose: `name` is the form's, `label` what a screen reader says."""

    name: str
    channel: str
    label: str
    granted: bool


@dataclass(frozen=True, slots=True)
class ConsentRow:
    """One purpose, explained, with a cell for each channel."""

    title: str
    text: str
    cells: tuple[ConsentCell, ...]


@dataclass(frozen=True, slots=True)
class ConsentWord:
    """One change in words."""

    changed_at: datetime
    text: str
    granted: bool


@dataclass(frozen=True, slots=True)
class SessionView:
    """One place where the member is signed in."""

    number: int
    device: str
    signed_in_at: datetime
    seen_at: datetime
    here: bool


@dataclass(frozen=True, slots=True)
class Interest:
    """Something to like, and whether the member does."""

    name: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class ProfilePage:
    """All of it. `copy` and `erasure` are the latest requests of their kind, where there are any."""

    interests: tuple[Interest, ...]
    channels: tuple[str, ...]
    consents: tuple[ConsentRow, ...]
    words: tuple[ConsentWord, ...]
    copy: members.PrivacyRequest | None
    copy_ready: bool
    erasure: members.PrivacyRequest | None
    points: int
    ready: int
    sessions: tuple[SessionView, ...]


def load_profile(visit: MemberVisit, number: int) -> ProfilePage:
    """The profile of one member; `number` is the session they look from."""
    member_id, now = visit.member_id, visit.now
    viewer = redemption.load_viewer(member_id=member_id, programme=visit.programme, now=now)
    chosen = members.split_interests(visit.member.attributes)
    liked = recommend.list_interests(now=now, size=INTERESTS_OFFERED)
    names = [*catalogue.list_reward_categories(viewer), *liked, *chosen]
    requests = members.list_requests(member_id, size=20)
    copy = next((one for one in requests if one.kind is PrivacyKind.COPY), None)
    erasure = next((one for one in requests if one.kind is PrivacyKind.ERASURE), None)
    ready = redemption.list_shelf(member_id=member_id, shelf=redemption.Shelf.READY, now=now, size=100)
    return ProfilePage(
        interests=tuple(Interest(name, name in chosen) for name in dict.fromkeys(names)),
        channels=tuple(name_channel(channel) for channel in CHANNELS),
        consents=_list_consents(members.get_consents(member_id)),
        words=tuple(map(_tell, members.list_consent_changes(member_id, size=CHANGES_SHOWN))),
        copy=copy,
        copy_ready=bool(
            copy and copy.state is PrivacyState.DONE and copy.kept_until and copy.kept_until > now
        ),
        erasure=erasure if erasure and erasure.state is PrivacyState.OPEN else None,
        points=viewer.points,
        ready=len(ready.items),
        sessions=tuple(
            SessionView(
                one.number,
                identity.name_device(one.agent),
                one.signed_in_at,
                one.seen_at,
                one.number == number,
            )
            for one in identity.list_member_sessions(member_id, now)[:SESSIONS_SHOWN]
        ),
    )


def read_consents(form: QueryDict) -> dict[tuple[ConsentChannel, ConsentPurpose], bool]:
    """Every cell of the table: ticked or not, since the form shows them all."""
    return {
        (channel, purpose): f"{channel}.{purpose}" in form
        for channel, purpose in product(CHANNELS, ConsentPurpose)
    }


@lru_cache(maxsize=1)
def list_time_zones() -> tuple[tuple[str, str], ...]:
    """The zones that people live in, (name, shown name), by name."""
    return tuple(
        (zone, zone.replace("_", " ")) for zone in sorted(available_timezones()) if _ZONE.match(zone)
    )


def name_channel(channel: ConsentChannel) -> str:
    """A channel in the member's words."""
    return {
        ConsentChannel.EMAIL: _("E-mail"),
        ConsentChannel.SMS: _("Text message"),
        ConsentChannel.PUSH: _("Notification"),
        ConsentChannel.POST: _("Letter"),
    }[channel]


def name_purpose(purpose: ConsentPurpose) -> str:
    """A purpose in the member's words."""
    return {
        ConsentPurpose.OFFERS: _("Offers and news"),
        ConsentPurpose.REMINDERS: _("Reminders"),
        ConsentPurpose.SURVEYS: _("Questions"),
    }[purpose]


def explain_purpose(purpose: ConsentPurpose) -> str:
    """What a purpose means, in the member's words."""
    return {
        ConsentPurpose.OFFERS: _("New rewards, extra points, what is on this week."),
        ConsentPurpose.REMINDERS: _("Points about to lapse, a status about to end, a goal within reach."),
        ConsentPurpose.SURVEYS: _("A short question now and then on how we are doing."),
    }[purpose]


def _list_consents(given: dict[tuple[ConsentChannel, ConsentPurpose], bool]) -> tuple[ConsentRow, ...]:
    return tuple(
        ConsentRow(
            title=name_purpose(purpose),
            text=explain_purpose(purpose),
            cells=tuple(
                ConsentCell(
                    name=f"{channel}.{purpose}",
                    channel=name_channel(channel),
                    label=f"{name_purpose(purpose)}: {name_channel(channel)}",
                    granted=given.get((channel, purpose), False),
                )
                for channel in CHANNELS
            ),
        )
        for purpose in ConsentPurpose
    )


def _tell(change: members.ConsentChange) -> ConsentWord:
    text = _("%(purpose)s by %(channel)s") % {
        "purpose": name_purpose(change.purpose),
        "channel": name_channel(change.channel),
    }
    return ConsentWord(change.changed_at, text, change.granted)
