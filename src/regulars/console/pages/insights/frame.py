"""What all pages of insights share: where they are, how fresh, and whether there is anything to show yet."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from importlib.util import find_spec
from urllib.parse import urlencode

from django.urls import reverse

from regulars.analytics import facade as analytics
from regulars.analytics.facade import Measure, Opened, Period, ReportKind, Waiting
from regulars.console.desk import Desk
from regulars.console.pages.insights.figures import Behind
from regulars.console.pages.insights.keys import name_key
from regulars.console.pages.insights.periods import USUAL, Choice
from regulars.facts import facade as facts
from regulars.facts.facade import Freshness

RENEWED_AFTER = timedelta(hours=26)
"""The standard periods are renewed with each new day of facts; what is older is asked for again."""
AGAIN_SECONDS = 3
"""How soon a page that waits asks again."""
EXTRA = ("duckdb", "ibis", "pyarrow", "scipy")
"""What the extra `analytics` brings; looked for without being loaded."""


@dataclass(frozen=True, slots=True)
class Frame:
    """The page and the period: addresses of its files and of the members behind its numbers."""

    page: str
    choice: Choice
    period: Period
    may_see_members: bool = True
    may_manage: bool = False

    def csv(self, name: str) -> str:
        """Where one of its charts or tables is to be had as a file."""
        return f"{reverse('console:insights_csv', args=[self.page, name])}?{self.choice.query}"

    def list_behind(self, measure: Measure, keys: Iterable[str]) -> tuple[Behind, ...]:
        """The ways to the members behind a number, for who may see members."""
        if not self.may_see_members:
            return ()
        return tuple(Behind(self.behind(measure, key), name_key(measure, key)) for key in keys)

    def behind(self, measure: Measure, key: str) -> str:
        """Where the members behind a number are."""
        if not self.may_see_members:
            return ""
        last = self.period.after - timedelta(days=1)
        asked = {"measure": measure.value, "key": key, "first": self.period.first, "last": last}
        query = urlencode({name: value for name, value in asked.items() if value})
        return f"{reverse('console:insights_members')}?{query}"


def make_behind(measure: Measure, key: str, desk: Desk) -> str:
    """Where the members are of whom something holds now, whatever the period."""
    today = desk.now.date()
    query = urlencode({"measure": measure.value, "key": key, "first": today, "last": today})
    return f"{reverse('console:insights_members')}?{query}"


def open_report(kind: ReportKind, choice: Choice, desk: Desk) -> Opened | Waiting | None:
    """The latest report; asked for where there is none or it is old. One that failed is not asked again.

    Who may not have anything worked out reads what there is: None where that is nothing.
    """
    asked = choice.asked or USUAL
    found = analytics.find_report(kind, asked)
    if not desk.may["insights_ask"]:
        return found
    if found is None:
        return ask_again(kind, choice, desk)
    is_old = isinstance(found, Opened) and desk.now - found.made_at > RENEWED_AFTER
    if is_old and isinstance(found, Opened) and found.renewal_asked_at is None:
        ask_again(kind, choice, desk)
    return found


def ask_again(kind: ReportKind, choice: Choice, desk: Desk) -> Waiting:
    """Have a report made anew by a job."""
    return analytics.ask_report(kind=kind, period=choice.asked or USUAL, now=desk.now)


def find_freshness(desk: Desk) -> Freshness | None:
    """How fresh the facts are that every figure stands on; None where nothing was copied yet."""
    return facts.get_freshness(desk.now)


def has_extra() -> bool:
    """Whether what measures are worked out with is installed."""
    return all(find_spec(name) for name in EXTRA)


def make_frame(desk: Desk, page: str, choice: Choice, opened: Opened) -> Frame:
    """The frame of a page for who looks at it."""
    return Frame(page, choice, opened.report.period, desk.may["members_view"], desk.may["insights_manage"])
