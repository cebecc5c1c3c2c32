"""What a member changes of their own profile."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from regulars.delivery import facade as delivery
from regulars.kit.actor import Actor
from regulars.kit.ids import MemberId
from regulars.members.errors import BirthdayIsSet, ContactTaken, MemberErased, ProfileInvalid
from regulars.members.operations.saving import save_members
from regulars.members.policies import INTERESTS, check_is_self, join_interests
from regulars.members.queries import get_member
from regulars.members.types import MemberInput, MemberProfile, SaveStatus


def change_email(*, actor: Actor, now: datetime, member_id: MemberId, email: str) -> MemberProfile:
    """Give a member another e-mail address, which the caller has proved to be theirs; the old one is told.

    One `save_members`, with its locks. Raises NotThem, MemberUnknown, MemberErased, ContactTaken where it is
    another member's, ProfileInvalid.
    """
    taken = _("This address belongs to another membership. Ask the shop to join the two.")
    before, after = _change_contact(actor, now, member_id, "email", email, taken)
    if before.email and after.email and before.email != after.email:
        delivery.send_email(
            to=before.email,
            subject=_("Your address was changed"),
            text=_(
                "From now on we write to %(address)s, not here.\n\n"
                "If that was not you, tell the shop at once."
            )
            % {"address": after.email},
            now=now,
        )
    return after


def change_phone(*, actor: Actor, now: datetime, member_id: MemberId, phone: str) -> MemberProfile:
    """Give a member another telephone number, which the caller has proved to be theirs; an e-mail tells them.

    One `save_members`, with its locks. Raises NotThem, MemberUnknown, MemberErased, ContactTaken where it is
    another member's, ProfileInvalid.
    """
    taken = _("This number belongs to another membership. Ask the shop to join the two.")
    before, after = _change_contact(actor, now, member_id, "phone", phone, taken)
    if before.phone and before.phone != after.phone and after.email:
        delivery.send_email(
            to=after.email,
            subject=_("Your telephone number was changed"),
            text=_("It is %(phone)s from now on.\n\nIf that was not you, tell the shop at once.")
            % {"phone": after.phone},
            now=now,
        )
    return after


def _change_contact(  # noqa: PLR0917 (who, when, whose, which, what, and the words of a refusal)
    actor: Actor,
    now: datetime,
    member_id: MemberId,
    field: str,
    value: str,
    taken: str,
) -> tuple[MemberProfile, MemberProfile]:
    """The profile before and after."""
    check_is_self(member_id, actor)
    before = get_member(member_id)
    if before.anonymised_at is not None:
        raise MemberErased(f"The data of member {member_id} was erased.")
    given: dict[str, Any] = {field: value}
    told = MemberInput(before.external_id, clear=frozenset({field}), **given)
    outcome = save_members(actor=actor, now=now, batch=[told])[0]
    if outcome.code == "identity_taken":
        raise ContactTaken(taken)
    if outcome.status is SaveStatus.REFUSED:
        raise ProfileInvalid(outcome.detail, field=field)
    return before, get_member(member_id)


def change_profile(
    *,
    actor: Actor,
    now: datetime,
    member_id: MemberId,
    given_name: str,
    family_name: str,
    locale: str,
    time_zone: str,
    birthday: date | None = None,
    interests: Sequence[str] = (),
) -> MemberProfile:
    """Change a profile as its member wants it; an empty name or no interests empty the field.

    A birthday can be told once: points may hang on it. After that the shop changes it.
    One `save_members`, with its locks. Raises NotThem, MemberUnknown, MemberErased, BirthdayIsSet,
    ProfileInvalid.
    """
    check_is_self(member_id, actor)
    before = get_member(member_id)
    if before.anonymised_at is not None:
        raise MemberErased(f"The data of member {member_id} was erased.")
    if birthday is not None and before.birthday not in {None, birthday}:
        raise BirthdayIsSet(_("Your birthday is known already. Ask the shop if it is wrong."))
    empty = {
        name
        for name, value in (("given_name", given_name), ("family_name", family_name))
        if not value.strip()
    }
    outcome = save_members(
        actor=actor,
        now=now,
        batch=[
            MemberInput(
                before.external_id,
                given_name=given_name or None,
                family_name=family_name or None,
                locale=locale or None,
                time_zone=time_zone or None,
                birthday=birthday,
                attributes={INTERESTS: join_interests(interests) or None},
                clear=frozenset(empty),
            )
        ],
    )[0]
    if outcome.status is SaveStatus.REFUSED:
        raise ProfileInvalid(outcome.detail, field="")
    return get_member(member_id)
