"""The door of earning: activity in, points out.

Operations, each with a transaction of its own for the whole batch:
    submit_orders(*, actor, now, batch: Sequence[OrderInput], segments={}) -> list[OrderOutcome]
    submit_returns(*, actor, now, batch: Sequence[ReturnInput]) -> list[ReturnOutcome]
    submit_events(*, actor, now, batch: Sequence[EventInput], segments={}) -> list[EventOutcome]
    reverse_award(*, actor, now, source: Source, reason) -> Correction      all that is left, by hand
    give_points(*, actor, now, member: Lookup, points, reason, key, …) -> Receipt | None   one statement
    merge_members(*, actor, now, member_id, into_member_id, reason) -> MergeOutcome    two are one person
    undo_merge(*, actor, now, member_id, reason) -> MergeOutcome
    submit_birthdays(*, now) -> int                                   a job: a transaction for every page

Reads
    quote(*, member_id: MemberId | None, basket: Basket, now, segments=frozenset()) -> Evaluation
    explain_award(source: Source) -> AwardView                        raises UnknownAward
    explain_entry(*, member_id, currency, seq) -> AwardView           raises UnknownAward, EntryNotFound
    explain_sources(sources: Iterable[Source]) -> dict[Source, AwardView]     constant queries
    summarise_sources(sources)                                                the same without lines
    parse_source(text) -> Source | None                               of a ledger entry's `source`
"""

from regulars.earning.errors import AwardTooLarge, NothingLeft, ReasonNeeded, UnknownAward, WrongCurrency
from regulars.earning.operations import (
    give_points,
    merge_members,
    reverse_award,
    submit_birthdays,
    submit_events,
    submit_orders,
    submit_returns,
    undo_merge,
)
from regulars.earning.queries import explain_award, explain_entry, explain_sources, quote, summarise_sources
from regulars.earning.types import (
    AwardView,
    Correction,
    EventOutcome,
    MergeOutcome,
    OrderOutcome,
    PartView,
    PostingView,
    ReturnOutcome,
    ReversalView,
    ShareView,
    Source,
    SourceKind,
    SubmitStatus,
    parse_source,
)

__all__ = [
    "AwardTooLarge",
    "AwardView",
    "Correction",
    "EventOutcome",
    "MergeOutcome",
    "NothingLeft",
    "OrderOutcome",
    "PartView",
    "PostingView",
    "ReasonNeeded",
    "ReturnOutcome",
    "ReversalView",
    "ShareView",
    "Source",
    "SourceKind",
    "SubmitStatus",
    "UnknownAward",
    "WrongCurrency",
    "explain_award",
    "explain_entry",
    "explain_sources",
    "give_points",
    "merge_members",
    "parse_source",
    "quote",
    "reverse_award",
    "submit_birthdays",
    "submit_events",
    "submit_orders",
    "submit_returns",
    "summarise_sources",
    "undo_merge",
]
