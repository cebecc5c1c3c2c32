"""Two members found to be one person: look-ups, wallets, caps and tier follow; and all of it undone."""

from datetime import datetime

from django.db import transaction

from regulars.earning.types import MergeOutcome
from regulars.kit.actor import Actor
from regulars.kit.ids import MemberId
from regulars.ledger import facade as ledger
from regulars.ledger.facade import Currency, Moved
from regulars.members import facade as members
from regulars.rules import facade as rules
from regulars.tiers import facade as tiers
from regulars.trail import facade as trail


@transaction.atomic(durable=True)
def merge_members(
    *, actor: Actor, now: datetime, member_id: MemberId, into_member_id: MemberId, reason: str
) -> MergeOutcome:
    """Merge a member into another: one person from now on.

    Every identity of the merged member leads to the survivor; all wallets are carried over, lot by lot on
    their terms; orders, use of caps and what qualifies count for the survivor. Later returns of the merged
    member's orders and cancellations of their redemptions come out at the survivor. Writes an audit line
    for each of the two.

    Locks, in order: every identity bucket, both member rows, their tier status, all their wallets (each
    ascending). Raises MergeInvalid, MemberUnknown, MemberErased, MemberMerged, HeldPoints while points of
    the merged member are held, NoProgramme.
    """
    merge_id = members.note_merge(
        actor=actor, now=now, member_id=member_id, into_member_id=into_member_id, reason=reason
    )
    pair = sorted([member_id, into_member_id])
    programme = rules.get_current_programme(now)
    tiers.load_standings(pair, programme, now)
    moved = ledger.merge_wallets(
        actor=actor,
        now=now,
        member_id=member_id,
        into_member_id=into_member_id,
        merge_id=merge_id,
        reason=reason.strip(),
    )
    tiers.replay_standings(programme=programme, member_ids=pair, now=now)
    outcome = MergeOutcome(member_id, into_member_id, tuple(moved))
    _audit(actor, now, "member.merged", outcome, reason)
    return outcome


@transaction.atomic(durable=True)
def undo_merge(*, actor: Actor, now: datetime, member_id: MemberId, reason: str) -> MergeOutcome:
    """Part a merged member from the survivor again; `missing` says what could not go back.

    Name, identities and attributes are as they were kept; what is left of the points that came goes back
    to the lots that they came from, on their own terms. What was spent, lapsed or settled since stays with
    the survivor, and so do orders made since. Writes an audit line for each of the two.

    Locks as `merge_members`. Raises MergeInvalid, MemberUnknown, MemberMerged where they are not merged,
    HeldPoints while points of the survivor are held, NoProgramme.
    """
    into_member_id = members.note_unmerge(actor=actor, now=now, member_id=member_id, reason=reason)
    pair = sorted([member_id, into_member_id])
    programme = rules.get_current_programme(now)
    tiers.load_standings(pair, programme, now)
    moved = ledger.unmerge_wallets(actor=actor, now=now, member_id=member_id, reason=reason.strip())
    tiers.replay_standings(programme=programme, member_ids=pair, now=now)
    outcome = MergeOutcome(member_id, into_member_id, tuple(moved))
    _audit(actor, now, "member.merge_undone", outcome, reason)
    return outcome


def _audit(actor: Actor, now: datetime, action: str, outcome: MergeOutcome, reason: str) -> None:
    points = outcome.of(Currency.POINTS)
    for subject, other in (
        (outcome.member_id, {"into": outcome.into_member_id}),
        (outcome.into_member_id, {"merged": outcome.member_id}),
    ):
        trail.record_audit(
            actor=actor,
            now=now,
            action=action,
            subject=f"member:{subject}",
            reason=reason.strip(),
            details=other | _told(points),
        )


def _told(points: Moved) -> dict[str, int]:
    return {
        "points": points.active,
        "pending": points.pending,
        "debt": points.debt,
        "missing": points.missing,
    }
