"""Members: one row each. An empty cell says nothing; it takes nothing away."""

from collections.abc import Sequence
from typing import Any

from regulars.imports import cells
from regulars.imports.shapes.base import (
    Context,
    Field,
    ParsedRow,
    Verdict,
    VerdictStatus,
    read_member_id,
    read_word,
)
from regulars.members import facade as members

VERDICTS = {
    members.SaveStatus.CREATED: VerdictStatus.NEW,
    members.SaveStatus.UPDATED: VerdictStatus.CHANGED,
    members.SaveStatus.UNCHANGED: VerdictStatus.UNCHANGED,
    members.SaveStatus.REFUSED: VerdictStatus.REJECTED,
}


class MembersShape:
    """See Shape."""

    key = "member_id"
    grouped = False
    has_attributes = True
    remembers_keys = True
    members_created = 0

    def __init__(self, context: Context) -> None:
        self._context = context
        self.fields = (
            Field(
                "member_id",
                read_member_id,
                required=True,
                other_names=("external_id", "customer_id", "household_id"),
            ),
            Field("given_name", read_word, other_names=("first_name",)),
            Field("family_name", read_word, other_names=("last_name", "surname")),
            Field("email", read_word, other_names=("e_mail", "email_address")),
            Field("phone", read_word, other_names=("mobile", "phone_number")),
            Field("card", read_word, other_names=("card_number", "cards")),
            Field("birthday", cells.read_day, other_names=("birth_date", "date_of_birth")),
            Field("joined_at", context.read_instant, other_names=("joined_on", "created_at")),
            Field("locale", read_word, other_names=("language",)),
            Field("time_zone", read_word),
        )

    def build(self, rows: Sequence[ParsedRow]) -> members.MemberInput:
        """See Shape."""
        told: dict[str, Any] = {
            name: value for name, value in rows[0].values.items() if not name.startswith("attributes.")
        }
        external_id = told.pop("member_id")
        card = told.pop("card", "")
        return members.MemberInput(
            external_id=external_id,
            cards=tuple(part for part in card.split(";") if part.strip()),
            attributes=rows[0].attributes,
            **told,
        )

    def submit(self, items: Sequence[members.MemberInput]) -> list[Verdict]:
        """See Shape."""
        context = self._context
        outcomes = members.save_members(actor=context.actor, now=context.now, batch=items)
        return [Verdict(VERDICTS[outcome.status], outcome.detail) for outcome in outcomes]
