"""The door of earning: activity in, points out.

    submit_orders(*, actor, now, batch: Sequence[OrderInput]) -> list[OrderOutcome]
    submit_returns(*, actor, now, batch: Sequence[ReturnInput]) -> list[ReturnOutcome]
    submit_events(*, actor, now, batch: Sequence[EventInput]) -> list[EventOutcome]
    quote(*, member_id: MemberId | None, basket: Basket, now) -> Evaluation
    explain_award(source: Source) -> AwardView                        raises UnknownAward
    explain_entry(*, member_id, currency, seq) -> AwardView           raises UnknownAward
    explain_sources(sources: Sequence[Source]) -> dict[Source, AwardView]     constant queries
    parse_source(text: str) -> Source | None
"""
