"""A small shop over four months, and short ways to copy it and to read the copy."""

from datetime import UTC, datetime, timedelta
from typing import Any

from regulars.facts.facade import SCHEMAS, SyncReport, open_facts, sync_facts
from regulars.kit.ids import MemberId
from tests.activity.makers import event, give_back, line, make_members, order
from tests.earning.worlds import WHOLE, publish, stock_products, submit_events, submit_orders, submit_returns

NOW = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)
# The shop is in Berlin: an order at 22:30 UTC on the last of August is one of September.
LATE_AUGUST = datetime(2026, 8, 31, 22, 30, 0, 123_456, tzinfo=UTC)


def open_shop(count: int = 3) -> list[MemberId]:
    """Members, products, and in each month from July to October an order of each member."""
    publish(WHOLE, at=datetime(2026, 1, 1, tzinfo=UTC))
    stock_products()
    members = make_members(count)
    for number, member in enumerate(members):
        for month in (7, 8, 9, 10):
            buy(member, f"{number}-{month}", datetime(2026, month, 3, 10, number, tzinfo=UTC))
    buy(members[0], "late", LATE_AUGUST)
    submit_events(event("e1", members[0], "review", occurred_at=datetime(2026, 9, 5, tzinfo=UTC)), now=NOW)
    submit_returns(
        give_back("r1", "0-7", (1, 1, None), occurred_at=datetime(2026, 9, 9, tzinfo=UTC)), now=NOW
    )
    return members


def buy(member: MemberId, key: str, at: datetime, **more: Any) -> None:
    """Two lines of bread and milk."""
    lines = (line(1, 1250, sku="rye"), line(2, 380, 2, sku="milk"))
    submit_orders(order(key, member, *lines, occurred_at=at, **more), now=max(at, NOW - timedelta(days=1)))


def sync(**more: Any) -> SyncReport:
    return sync_facts(now=NOW, **more)


def months_written(report: SyncReport) -> dict[str, tuple[str, ...]]:
    return {table.table: table.months_written for table in report.tables if table.months_written}


def read_all() -> dict[str, list[dict[str, Any]]]:
    """Every row of every table, in the order of its key."""
    found = {}
    with open_facts() as facts:
        for name, schema in SCHEMAS.items():
            found[name] = getattr(facts, name).order_by(list(schema.key)).to_pyarrow().to_pylist()
    return found
