"""From what was asked to the report."""

from datetime import datetime

from regulars.finance.queries.liability import get_liability
from regulars.finance.queries.movements import get_movements
from regulars.finance.types import (
    Liability,
    LiabilityQuestion,
    Movements,
    MovementsQuestion,
    Period,
    Question,
)
from regulars.kit.clock import end_of_day, start_of_day
from regulars.rules import facade as rules


def answer(question: Question, now: datetime) -> Liability | Movements:
    """The report; days are those of the programme's time zone. Raises NoProgramme, PeriodInvalid."""
    zone = rules.get_current_programme(now).time_zone
    match question:
        case LiabilityQuestion(day, currency):
            # Of a day that is not over, the present.
            as_of = min(end_of_day(day, zone), now)
            return get_liability(as_of=as_of, now=now, currency=currency)
        case MovementsQuestion(first_day, last_day, step, currency):
            period = Period(start_of_day(first_day, zone), end_of_day(last_day, zone), zone)
            return get_movements(period=period, now=now, currency=currency, step=step)
