"""The day up to which there is anything to learn from."""

from datetime import date

from regulars.facts.facade import Facts


def find_last_day(facts: Facts) -> date | None:
    """The last day with an order, not after the facts' own; None: no orders.

    Facts may be complete for days on which the shop sent nothing: orders stopped coming, not customers. A
    model would take that silence for everybody's leaving.
    """
    day: date | None = facts.orders.occurred_on.max().to_pyarrow().as_py()
    return None if day is None else min(day, facts.as_of)
