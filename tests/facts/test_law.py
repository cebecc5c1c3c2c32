"""The law of the copy: whatever was written in whatever order, many syncs end where one at the end does."""

import datetime as dt
import shutil

import pytest
from django.conf import settings
from django.db import connection
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from regulars.facts.facade import verify_facts
from regulars.facts.models import DroppedFile, FactsFile, FactsState
from regulars.kit.actor import SYSTEM
from regulars.members import facade as members
from tests.activity.makers import make_members
from tests.facts.worlds import NOW, read_all, sync

# Each example writes, copies a few times and copies anew: tenths of a second each.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
MEMBERS = 3
ORDER = """
    INSERT INTO activity_order (member_id, external_id, occurred_at, recorded_at, recorded_by, currency,
        amount, lines_count, store, channel, attributes, simulated, fingerprint, returned_amount,
        returned_whole)
    VALUES (%(member)s, %(key)s, %(at)s, %(at)s, 'test', 'EUR', %(amount)s, 1, '', '', '{}', false, '', 0,
        false)
    RETURNING id
"""
LINE = """
    INSERT INTO activity_orderline (member_id, order_id, line_no, quantity, amount, discount, sku, kind)
    VALUES (%(member)s, %(order)s, 1, 1, %(amount)s, 0, 'rye', 'product')
"""
steps = st.lists(
    st.one_of(
        st.tuples(st.just("order"), st.integers(0, MEMBERS - 1), st.integers(0, 150), st.integers(0, 9999)),
        st.tuples(st.just("correct"), st.integers(0, 9), st.integers(0, 9999)),
        st.tuples(st.just("erase"), st.integers(0, MEMBERS - 1)),
        st.tuples(st.just("merge"), st.integers(0, MEMBERS - 1), st.integers(0, MEMBERS - 1)),
        st.tuples(st.just("sync")),
    ),
    min_size=3,
    max_size=14,
)


class World:
    """What was done so far."""

    def __init__(self) -> None:
        self.members = make_members(MEMBERS)
        self.orders: list[int] = []

    def do(self, name: str, *arguments: int) -> None:
        getattr(self, name)(*arguments)

    def order(self, whose: int, days_ago: int, amount: int) -> None:
        at = NOW - dt.timedelta(days=days_ago)
        told = {"member": self.members[whose], "at": at, "amount": amount, "key": f"o{len(self.orders)}"}
        with connection.cursor() as cursor:
            cursor.execute(ORDER, told)
            told["order"] = cursor.fetchone()[0]
            cursor.execute(LINE, told)
        self.orders.append(told["order"])

    def correct(self, which: int, amount: int) -> None:
        if self.orders:
            with connection.cursor() as cursor:
                order = self.orders[which % len(self.orders)]
                cursor.execute("UPDATE activity_order SET amount = %s WHERE id = %s", [amount, order])

    def erase(self, whose: int) -> None:
        try:
            members.erase_member(actor=SYSTEM, now=NOW, member_id=self.members[whose], reason="asked")
        except (members.MemberErased, members.MemberMerged):
            return

    def merge(self, whose: int, into: int) -> None:
        """As a row of the merge and a pointer: what the earning room does besides is not copied."""
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE members_member SET merged_into = %(into)s WHERE id = %(id)s AND merged_into IS NULL "
                "AND id <> %(into)s AND NOT EXISTS (SELECT FROM members_member WHERE merged_into = %(id)s)",
                {"id": self.members[whose], "into": self.members[into]},
            )
            if cursor.rowcount:
                cursor.execute(
                    "INSERT INTO members_membermerge (member_id, into_member, merged_at, actor, reason, "
                    "undone_by, undone_reason) VALUES (%s, %s, now(), 'test', 'one', '', '')",
                    [self.members[whose], self.members[into]],
                )

    def sync(self) -> None:
        sync()


def empty() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "TRUNCATE activity_order, activity_orderline, members_member, members_membermerge CASCADE"
        )
    for model in (FactsFile, FactsState, DroppedFile):
        model.objects.all().delete()
    shutil.rmtree(settings.FACTS_DIR, ignore_errors=True)


@examples(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(done=steps)
def test_syncs_in_between_end_where_a_single_one_does(done):
    empty()
    world = World()
    for step in done:
        world.do(*step)
    sync()
    assert sync().rows_written == 0
    in_steps = read_all()
    assert verify_facts().differences == ()
    sync(whole=True)
    assert read_all() == in_steps
    empty()
