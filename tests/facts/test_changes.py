"""Which days a sync brought something of: those who measured them measure them again."""

import datetime as dt

import pytest

from regulars.analytics.models import MemberMeasure, SegmentChange
from regulars.facts.facade import find_news, note_followed, open_facts
from regulars.facts.models import FactsChange, FactsFile
from regulars.kit.actor import SYSTEM
from regulars.members import facade as members
from tests.facts.worlds import NOW, buy, open_shop, sync

# Other connections must see what was written: each test commits, and empties the tables afterwards.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
TASK = "somebody.follows"


def follow() -> None:
    """Take in what was last synced."""
    with open_facts() as facts:
        note_followed(task=TASK, change=facts.change)


def test_a_sync_tells_the_first_day_that_it_brought_something_of(facts_dir):
    ada, countess, _ = open_shop()
    assert find_news(TASK) is None
    sync()
    assert find_news(TASK) == dt.date(2026, 7, 1), "all is new, month by month"
    follow()
    assert find_news(TASK) is None
    sync()
    sync(whole=True)
    assert find_news(TASK) is None, "the same again is no news"
    buy(ada, "now", NOW - dt.timedelta(hours=1))
    sync()
    assert find_news(TASK) == dt.date(2026, 10, 5)
    # In Berlin it was the twentieth.
    buy(ada, "forgotten", dt.datetime(2026, 8, 19, 22, 30, tzinfo=dt.UTC))
    sync()
    buy(ada, "later", NOW - dt.timedelta(minutes=30))
    sync()
    assert find_news(TASK) == dt.date(2026, 8, 20)
    follow()
    (facts_dir / FactsFile.objects.get(table="orders", month="2026-08").file).unlink()
    sync()
    assert find_news(TASK) is None, "what was written again is what it was"
    members.erase_member(actor=SYSTEM, now=NOW, member_id=countess, reason="asked for it")
    sync()
    assert find_news("another.follower") == dt.date(2026, 7, 1)
    assert FactsChange.objects.count() == len(set(FactsChange.objects.values_list("synced_at")))


def test_with_a_person_goes_what_was_learnt_of_them():
    ada, countess, _ = open_shop()
    for member in (ada, countess):
        MemberMeasure.objects.create(member_id=member, as_of=NOW.date(), risk=0.5, value_minor=100)
        SegmentChange.objects.create(member_id=member, changed_on=NOW.date(), before="", after="loyal")
    members.erase_member(actor=SYSTEM, now=NOW, member_id=countess, reason="asked for it")
    assert list(MemberMeasure.objects.values_list("member_id", flat=True)) == [ada]
    assert list(SegmentChange.objects.values_list("member_id", flat=True)) == [ada]
