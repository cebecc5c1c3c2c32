"""Entries of the journal as the API tells them: what changed, by how much, and why."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from regulars.api.schemas.points import EntryOut, PartOut, ShareOut
from regulars.earning.facade import AwardView, PartView, Source, explain_sources, parse_source
from regulars.kit.ids import RedemptionId
from regulars.ledger.facade import Account, Entry, EntryKind
from regulars.redemption.facade import RedemptionView, get_redemptions

_REDEMPTION = "redemption"


def describe_entries(entries: Sequence[Entry]) -> list[EntryOut]:
    """The entries in their order. The number of queries does not depend on how many there are."""
    sources = {entry.source: source for entry in entries if (source := parse_source(entry.source))}
    awards = explain_sources(sources.values())
    redemptions = get_redemptions([number for entry in entries if (number := _redemption_of(entry))])
    return [_describe(entry, sources, awards, redemptions) for entry in entries]


def describe_part(part: PartView) -> PartOut:
    """What one rule gave, line by line."""
    shares = [ShareOut(line_no=share.line_no, sku=share.sku, points=share.points) for share in part.shares]
    return PartOut(rule=part.rule, points=part.points, sentence=part.sentence, shares=shares)


def _describe(
    entry: Entry,
    sources: Mapping[str, Source],
    awards: Mapping[Source, AwardView],
    redemptions: Mapping[RedemptionId, RedemptionView],
) -> EntryOut:
    source = sources.get(entry.source)
    award = awards.get(source) if source else None
    number = _redemption_of(entry)
    redeemed = redemptions.get(number) if number else None
    parts = _parts_of(entry, award)
    return EntryOut(
        seq=entry.seq,
        kind=entry.kind,
        amount=entry.amount,
        active=_change(entry, Account.ACTIVE),
        pending=_change(entry, Account.PENDING),
        held=_change(entry, Account.HELD),
        balance_after=entry.balance_after,
        debt_after=entry.debt_after,
        occurred_at=entry.occurred_at,
        recorded_at=entry.recorded_at,
        expires_at=entry.expires_at,
        activates_at=entry.activates_at,
        source=entry.source,
        reference=redeemed.reference if redeemed else award.reference if award else None,
        programme_version=entry.programme_version,
        reasons=_reasons_of(entry, award, parts, redeemed),
        parts=parts,
    )


def _change(entry: Entry, account: Account) -> int:
    return entry.amount * ((entry.credit is account) - (entry.debit is account))


def _parts_of(entry: Entry, award: AwardView | None) -> list[PartOut]:
    if award is None or entry.kind is not EntryKind.EARN:
        return []
    return [
        describe_part(part)
        for posting in award.postings
        if posting.seq == entry.seq and posting.currency == entry.currency
        for part in posting.parts
    ]


def _reasons_of(
    entry: Entry, award: AwardView | None, parts: list[PartOut], redeemed: RedemptionView | None
) -> list[str]:
    reasons = [part.sentence for part in parts]
    if entry.kind is EntryKind.REVERSE and award is not None:
        reasons += award.sentences
    if redeemed is not None:
        reasons.append(_("Reward: %(reward)s") % {"reward": redeemed.reward_name})
    if entry.kind is EntryKind.EXPIRE:
        reasons.append(_("Not used in time."))
    if entry.reason:
        reasons.append(entry.reason)
    return reasons


def _redemption_of(entry: Entry) -> RedemptionId | None:
    kind, _colon, number = entry.source.partition(":")
    return RedemptionId(int(number)) if kind == _REDEMPTION and number.isdecimal() else None
