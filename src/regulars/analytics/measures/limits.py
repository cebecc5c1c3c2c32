"""What measures of a shop are taken by: worked out once, and the same for every window of a report."""

from dataclasses import dataclass
from datetime import date

from regulars.analytics.measures.basis import find_first_day, list_currencies
from regulars.analytics.measures.intervals import measure_interval
from regulars.analytics.measures.rewards import find_cheapest
from regulars.analytics.types import ProgrammeOutline, UsageInterval
from regulars.facts.facade import Facts


@dataclass(frozen=True, slots=True)
class Limits:
    """`first_day` is that with the first purchase (None: none), `cheapest` points for the cheapest reward."""

    first_day: date | None
    as_of: date
    interval: UsageInterval
    cheapest: int | None
    currencies: tuple[str, ...]
    outline: ProgrammeOutline | None = None

    @property
    def currency(self) -> str:
        """The one currency of the shop; empty where there are none or several."""
        return self.currencies[0] if len(self.currencies) == 1 else ""


def find_limits(facts: Facts, outline: ProgrammeOutline | None = None) -> Limits:
    """Work them out, for settled facts. Six small queries. `outline` is the programme's, handed in from
    above.
    """
    return Limits(
        first_day=find_first_day(facts),
        as_of=facts.as_of,
        interval=measure_interval(facts),
        cheapest=find_cheapest(facts),
        currencies=list_currencies(facts),
        outline=outline,
    )
