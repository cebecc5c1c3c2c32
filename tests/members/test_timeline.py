"""The one timeline: merged from all sources, every entry once, in order."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.kit.actor import SYSTEM
from regulars.kit.ids import MemberId
from regulars.kit.paging import BadCursor, encode_cursor
from regulars.members import facade as members
from regulars.members import timeline
from regulars.members.facade import MemberInput, TimelineEntry, TimelinePoint

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
ADA = MemberId(1)


class Listed:
    """A source over a list, which notes how much it was asked for."""

    def __init__(self, name: str, moments: Sequence[int]) -> None:
        self.name = name
        self.asked: list[int] = []
        self.entries = [
            TimelineEntry(NOW + timedelta(seconds=moment), name, f"{name} {ref}", ref=ref)
            for ref, moment in enumerate(moments)
        ]

    def list_entries(
        self, member_id: MemberId, *, before: TimelinePoint | None, size: int
    ) -> Sequence[TimelineEntry]:
        assert member_id == ADA
        self.asked.append(size)
        rows = sorted(self.entries, key=lambda entry: (entry.occurred_at, entry.ref), reverse=True)
        if before:
            rows = [row for row in rows if (row.occurred_at, row.ref) < (before.occurred_at, before.ref)]
        return rows[:size]


@pytest.fixture
def no_sources() -> Iterator[None]:
    kept = dict(timeline._sources)
    timeline._sources.clear()
    yield
    timeline._sources.clear()
    timeline._sources.update(kept)


def read_all(size: int) -> list[TimelineEntry]:
    entries: list[TimelineEntry] = []
    before: str | None = None
    while True:
        page = members.list_timeline(ADA, before, size)
        assert len(page.items) <= size
        entries += page.items
        before = page.next_cursor
        if before is None:
            return entries


@settings(deadline=None)
@given(
    sources=st.dictionaries(
        st.sampled_from(["ledger", "orders", "tiers", "z"]),
        st.lists(st.integers(-2, 2), max_size=12),
        max_size=4,
    ),
    size=st.integers(1, 7),
)
def test_every_entry_comes_once_in_order_however_many_share_an_instant(
    sources: dict[str, list[int]], size: int
) -> None:
    kept = dict(timeline._sources)
    timeline._sources.clear()
    try:
        for name, moments in sources.items():
            members.register_timeline(Listed(name, moments))
        entries = read_all(size)
    finally:
        timeline._sources.clear()
        timeline._sources.update(kept)
    keys = [(entry.occurred_at, entry.kind, entry.ref) for entry in entries]
    assert keys == sorted(keys, reverse=True)
    assert len(set(keys)) == len(keys) == sum(len(moments) for moments in sources.values())


@pytest.mark.usefixtures("no_sources")
def test_reading_is_bounded() -> None:
    source = Listed("orders", range(1_000))
    members.register_timeline(source)
    members.register_timeline(Listed("tiers", range(1_000)))
    assert len(members.list_timeline(ADA, size=10).items) == 10
    assert source.asked == [11]


@pytest.mark.usefixtures("no_sources")
def test_two_sources_cannot_share_a_name() -> None:
    class Other(Listed):
        pass

    members.register_timeline(Listed("orders", []))
    with pytest.raises(ValueError, match="orders"):
        members.register_timeline(Other("orders", []))


@pytest.mark.django_db
def test_joining_and_erasing_stand_in_the_timeline() -> None:
    [outcome] = members.save_members(
        actor=SYSTEM, now=NOW, batch=[MemberInput("1", joined_at=NOW - timedelta(days=400))]
    )
    assert outcome.member_id is not None
    members.erase_member(actor=SYSTEM, now=NOW, member_id=outcome.member_id, reason="asked for it")
    first = members.list_timeline(outcome.member_id, size=1)
    assert [entry.kind for entry in first.items] == ["member.erased"]
    rest = members.list_timeline(outcome.member_id, first.next_cursor)
    assert [(entry.kind, entry.occurred_at) for entry in rest.items] == [
        ("member.joined", NOW - timedelta(days=400))
    ]


def test_a_forged_instant_is_refused() -> None:
    with pytest.raises(BadCursor):
        members.list_timeline(ADA, encode_cursor(2**62, "points", 1))
