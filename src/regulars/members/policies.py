"""Pure decisions on members: the normal form of identities, what a profile may hold, birthdays."""

import re
import unicodedata
from calendar import isleap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator

from regulars.kit.actor import Actor, ActorKind
from regulars.kit.ids import MemberId
from regulars.members.errors import NotThem, ProfileInvalid
from regulars.members.types import AttributeValue, IdentityKind, MemberInput, MemberProfile

NAME_LENGTH_MAX = 120
EXTERNAL_ID_LENGTH_MAX = 128
EMAIL_LENGTH_MAX = 254
NOTE_LENGTH_MAX = 2_000
CARDS_MAX = 20
ATTRIBUTES_MAX = 100
ATTRIBUTE_LENGTH_MAX = 500
ATTRIBUTE_NUMBER_MAX = 2**53 - 1
"""Whole numbers beyond this lose digits in JSON readers that know floats only."""
ERASED_PREFIX = "erased:"
INTERESTS = "interests"
_INTEREST_END = ";"
_INTEREST_GAP = "; "

_ATTRIBUTE_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_PHONE = re.compile(r"\+[1-9][0-9]{7,14}")
_PHONE_DECORATION = re.compile(r"[\s().\-/]+")
_CARD = re.compile(r"[0-9A-Z]{4,64}")
_CARD_DECORATION = re.compile(r"[\s\-]+")
_LOCALE = re.compile(r"([A-Za-z]{2,3})(?:[-_]([A-Za-z]{4}))?(?:[-_]([A-Za-z]{2}|[0-9]{3}))?")
_check_email = EmailValidator()
_EMPTY: Mapping[str, Any] = MappingProxyType(
    {
        "given_name": "",
        "family_name": "",
        "birthday": None,
        "email": None,
        "phone": None,
        "cards": (),
        "attributes": {},
    }
)
CLEARABLE = frozenset(_EMPTY)
_COMPARED = (
    "given_name",
    "family_name",
    "birthday",
    "joined_at",
    "locale",
    "time_zone",
    "email",
    "phone",
    "cards",
)


@dataclass(frozen=True, slots=True)
class CheckedInput:
    """A MemberInput whose every value is in its normal form. None still means "not told"."""

    external_id: str
    given_name: str | None
    family_name: str | None
    email: str | None
    phone: str | None
    cards: tuple[str, ...]
    birthday: date | None
    joined_at: datetime | None
    locale: str | None
    time_zone: str | None
    attributes: Mapping[str, AttributeValue | None]
    clear: frozenset[str]
    only_new: bool = False


def check_input(given: MemberInput, now: datetime) -> CheckedInput:
    """Bring an input into its normal form. Raises ProfileInvalid for the first field that makes no sense."""
    unknown = given.clear - CLEARABLE
    if unknown:
        raise _invalid("clear", f"{min(unknown)!r} is not a field that can be emptied.")
    if len(given.cards) > CARDS_MAX:
        raise _invalid("cards", f"A member has at most {CARDS_MAX} cards.")
    return CheckedInput(
        external_id=check_external_id(given.external_id),
        given_name=_text("given_name", given.given_name),
        family_name=_text("family_name", given.family_name),
        email=normalise_email(given.email) if given.email else None,
        phone=normalise_phone(given.phone) if given.phone else None,
        cards=tuple(dict.fromkeys(normalise_card(card) for card in given.cards)),
        birthday=_birthday(given.birthday, now),
        joined_at=_joined(given.joined_at),
        locale=normalise_locale(given.locale) if given.locale else None,
        time_zone=check_time_zone(given.time_zone) if given.time_zone else None,
        attributes=check_attributes(given.attributes),
        clear=given.clear,
        only_new=given.only_new,
    )


def check_external_id(raw: str) -> str:
    """The shop's own id without white space around it. Raises ProfileInvalid."""
    value = unicodedata.normalize("NFC", raw.strip())
    if not value or len(value) > EXTERNAL_ID_LENGTH_MAX or not value.isprintable():
        raise _invalid(
            "external_id",
            f"An external id has 1 to {EXTERNAL_ID_LENGTH_MAX} characters and no control characters.",
        )
    if value.startswith(ERASED_PREFIX):
        raise _invalid("external_id", f"An external id cannot begin with {ERASED_PREFIX!r}.")
    return value


def normalise_identity(kind: IdentityKind, raw: str) -> str:
    """The one form in which an identity is stored and looked up. Raises ProfileInvalid.

    Idempotent: the normal form of a normal form is itself.
    """
    match kind:
        case IdentityKind.EMAIL:
            return normalise_email(raw)
        case IdentityKind.PHONE:
            return normalise_phone(raw)
        case IdentityKind.CARD:
            return normalise_card(raw)
        case IdentityKind.EXTERNAL:
            return check_external_id(raw)


def normalise_email(raw: str) -> str:
    """An e-mail address, letters folded before the @ too: nobody means two people by case."""
    value = fold(raw)
    try:
        _check_email(value)
        if '"' in value:
            raise ValidationError("quoted")
    except ValidationError:
        raise _invalid("email", f"{raw.strip()[:80]!r} is not an e-mail address.") from None
    if len(value) > EMAIL_LENGTH_MAX:
        raise _invalid("email", f"An e-mail address has at most {EMAIL_LENGTH_MAX} characters.")
    return value


def normalise_phone(raw: str) -> str:
    """A phone number as E.164 writes it: `+`, country code, 8 to 15 digits; `00` may stand for the plus."""
    value = _PHONE_DECORATION.sub("", unicodedata.normalize("NFKC", raw))
    if value.startswith("00"):
        value = f"+{value[2:]}"
    if not _PHONE.fullmatch(value):
        raise _invalid(
            "phone",
            f"{raw.strip()[:40]!r} is not a phone number with its country code, as in +44 20 7946 0018.",
        )
    return value


def normalise_card(raw: str) -> str:
    """A card number: capital letters and digits, 4 to 64 of them, without blanks and hyphens."""
    value = _CARD_DECORATION.sub("", unicodedata.normalize("NFKC", raw)).upper()
    if not _CARD.fullmatch(value):
        raise _invalid(
            "card", f"{raw.strip()[:40]!r} is not a card number: 4 to 64 letters A to Z and digits."
        )
    return value


def normalise_locale(raw: str) -> str:
    """A language, with a script and a region where they matter, in the usual casing: `zh-Hans`, `en-GB`."""
    found = _LOCALE.fullmatch(raw.strip())
    if not found:
        raise _invalid("locale", f"{raw.strip()[:40]!r} is not a locale, as in en, en-GB or zh-Hans.")
    language, script, region = found.groups()
    return "-".join(
        part for part in (language.lower(), script and script.title(), region and region.upper()) if part
    )


def check_time_zone(raw: str) -> str:
    """A name of the IANA time zone database. Raises ProfileInvalid."""
    if raw not in _time_zones():
        raise _invalid("time_zone", f"{raw[:64]!r} is not a time zone, as in Europe/Berlin.")
    return raw


def check_attributes(given: Mapping[str, AttributeValue | date | None]) -> dict[str, AttributeValue | None]:
    """Attributes as stored: text, whole numbers, yes or no, days as ISO text. Raises ProfileInvalid."""
    if len(given) > ATTRIBUTES_MAX:
        raise _invalid("attributes", f"A member has at most {ATTRIBUTES_MAX} attributes.")
    return {name: _attribute(name, value) for name, value in given.items()}


def fold(text: str) -> str:
    """Text as it is compared: letters folded, one Unicode form, single blanks."""
    folded = text
    # One pass is not always enough: folding a letter can give one that another form has a single sign for.
    while (again := " ".join(unicodedata.normalize("NFKC", folded).casefold().split())) != folded:
        folded = again
    return folded


def merge(profile: MemberProfile, told: CheckedInput) -> MemberProfile:
    """The profile after what was told: emptied where asked, then overwritten or merged field by field.

    Raises ProfileInvalid where cards or attributes become too many.
    """
    kept = replace(profile, **{field: _EMPTY[field] for field in told.clear})
    attributes = {
        name: value for name, value in {**kept.attributes, **told.attributes}.items() if value is not None
    }
    cards = tuple(sorted({*kept.cards, *told.cards}))
    if len(attributes) > ATTRIBUTES_MAX:
        raise _invalid("attributes", f"A member has at most {ATTRIBUTES_MAX} attributes.")
    if len(cards) > CARDS_MAX:
        raise _invalid("cards", f"A member has at most {CARDS_MAX} cards.")
    return replace(
        kept,
        given_name=_told(told.given_name, kept.given_name),
        family_name=_told(told.family_name, kept.family_name),
        email=told.email or kept.email,
        phone=told.phone or kept.phone,
        cards=cards,
        birthday=told.birthday or kept.birthday,
        joined_at=told.joined_at or kept.joined_at,
        locale=_told(told.locale, kept.locale),
        time_zone=_told(told.time_zone, kept.time_zone),
        attributes=attributes,
    )


def list_changes(old: MemberProfile, new: MemberProfile) -> list[str]:
    """The names of the fields in which two profiles differ; an attribute as `attributes.<name>`."""
    fields = [field for field in _COMPARED if getattr(old, field) != getattr(new, field)]
    names = sorted({*old.attributes, *new.attributes})
    # 1 == True in Python, but a number and a yes are two different things to say of a member.
    return fields + [
        f"attributes.{name}"
        for name in names
        if (old.attributes.get(name), type(old.attributes.get(name)))
        != (new.attributes.get(name), type(new.attributes.get(name)))
    ]


def list_identities(profile: MemberProfile) -> list[tuple[IdentityKind, str]]:
    """Every stored identity of a profile."""
    found = [(IdentityKind.CARD, card) for card in profile.cards]
    if profile.email:
        found.append((IdentityKind.EMAIL, profile.email))
    if profile.phone:
        found.append((IdentityKind.PHONE, profile.phone))
    return found


def birthday_in(birthday: date, year: int) -> date:
    """The day on which a birthday is kept in `year`: 29 February on the 28th where there is no 29th."""
    if (birthday.month, birthday.day) == (2, 29) and not isleap(year):
        return date(year, 2, 28)
    return birthday.replace(year=year)


def birthdays_kept_on(day: date) -> list[tuple[int, int]]:
    """The (month, day) pairs of birth kept on `day`: two of them on 28 February of an ordinary year."""
    if (day.month, day.day) == (2, 28) and not isleap(day.year):
        return [(2, 28), (2, 29)]
    return [(day.month, day.day)]


@lru_cache(maxsize=1)
def _time_zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _text(field: str, raw: str | None) -> str | None:
    if raw is None:
        return None
    value = unicodedata.normalize("NFC", " ".join(raw.split()))
    if len(value) > NAME_LENGTH_MAX or not value.isprintable():
        raise _invalid(field, f"A name has at most {NAME_LENGTH_MAX} characters and no control characters.")
    return value or None


def _birthday(value: date | None, now: datetime) -> date | None:
    if value is None:
        return None
    if isinstance(value, datetime):
        raise _invalid("birthday", "A birthday is a day without a time.")
    if value > now.date() or value.year < 1850:
        raise _invalid("birthday", f"{value.isoformat()} is not a birthday of someone alive.")
    return value


def _joined(value: datetime | None) -> datetime | None:
    if value is None:
        return None
    if value.tzinfo is None:
        raise _invalid("joined_at", "The time of joining needs its time zone.")
    return value.astimezone(UTC)


def _attribute(name: str, value: AttributeValue | date | None) -> AttributeValue | None:
    if not _ATTRIBUTE_NAME.fullmatch(name):
        raise _invalid(
            "attributes",
            f"{name[:63]!r} is not an attribute's name: small letters, digits and _, a letter first.",
        )
    match value:
        case None | bool():
            return value
        case int() if abs(value) <= ATTRIBUTE_NUMBER_MAX:
            return value
        case str() if len(value) <= ATTRIBUTE_LENGTH_MAX and "\0" not in value:
            if _DAY.fullmatch(value):
                _check_day(name, value)
            return value
        case datetime():
            raise _invalid("attributes", f"The attribute {name!r} has a time; give a day or text.")
        case date():
            return value.isoformat()
        case int():
            raise _invalid("attributes", f"The attribute {name!r} is beyond {ATTRIBUTE_NUMBER_MAX}.")
        case str():
            raise _invalid(
                "attributes", f"The attribute {name!r} is longer than {ATTRIBUTE_LENGTH_MAX} characters."
            )
        case _:
            raise _invalid(
                "attributes", f"The attribute {name!r} is neither text, a whole number, yes or no, nor a day."
            )


def _check_day(name: str, value: str) -> None:
    try:
        date.fromisoformat(value)
    except ValueError:
        raise _invalid(
            "attributes", f"The attribute {name!r} looks like a day, but there is no {value}."
        ) from None


def _told(told: str | None, kept: str) -> str:
    return kept if told is None else told


def _invalid(field: str, detail: str) -> ProfileInvalid:
    return ProfileInvalid(detail, field=field)


def check_is_self(member_id: MemberId, actor: Actor) -> None:
    """Raise NotThem where one member acts for another."""
    if actor.kind is ActorKind.MEMBER and actor.ref != str(member_id):
        raise NotThem("This is not yours.")


def check_is_shop(actor: Actor) -> None:
    """Raise NotThem where a member does what only the shop does."""
    if actor.kind is ActorKind.MEMBER:
        raise NotThem("Only the shop does this.")


def check_note(text: str) -> str:
    """The note without space around it. Raises ProfileInvalid where there is none, or too much of it."""
    told = text.strip()
    if not told or len(told) > NOTE_LENGTH_MAX or "\x00" in told:
        raise _invalid("text", f"A note has 1 to {NOTE_LENGTH_MAX} characters.")
    return told


def join_interests(interests: Sequence[str]) -> str:
    """Interests as one attribute holds them, in their order, as many of them as fit."""
    kept: list[str] = []
    for interest in dict.fromkeys(" ".join(one.replace(_INTEREST_END, " ").split()) for one in interests):
        if interest and len(_INTEREST_GAP.join([*kept, interest])) <= ATTRIBUTE_LENGTH_MAX:
            kept.append(interest)
    return _INTEREST_GAP.join(kept)


def split_interests(attributes: Mapping[str, AttributeValue]) -> tuple[str, ...]:
    """The interests that a profile's attributes name."""
    told = attributes.get(INTERESTS, "")
    return tuple(part for part in str(told).split(_INTEREST_GAP) if part)
