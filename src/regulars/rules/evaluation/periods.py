"""The names under which caps are counted."""

from datetime import date

from regulars.rules.types import CapPeriod


def name_period(period: CapPeriod, day: date) -> str:
    """The period that a local day falls in: `day:2026-11-20`, `week:2026-W47`, `month:2026-11`, …"""
    if period is CapPeriod.DAY:
        return f"day:{day.isoformat()}"
    if period is CapPeriod.WEEK:
        year, week, _weekday = day.isocalendar()
        return f"week:{year:04}-W{week:02}"
    if period is CapPeriod.MONTH:
        return f"month:{day.year:04}-{day.month:02}"
    return f"year:{day.year:04}" if period is CapPeriod.YEAR else "ever"
