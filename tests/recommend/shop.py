"""A small shop for serving: products, members, what was learnt, as rows that a test writes."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from regulars.activity.models import Event, Order, OrderLine
from regulars.catalogue.models import Product
from regulars.kit.ids import MemberId
from regulars.members.models import Member
from regulars.recommend.models import Candidates, Popular, Similar, Taste
from regulars.recommend.types import ShelfCode

NOW = datetime(2026, 6, 15, 16, tzinfo=UTC)
AS_OF = date(2026, 6, 14)


def stock(*skus: str, brand: str = "Alm", categories: Sequence[str] = ("Food",), active: bool = True) -> None:
    """Products named after their numbers."""
    Product.objects.bulk_create(
        Product(
            sku=sku,
            name=f"The {sku}",
            brand=brand,
            categories=list(categories),
            price=199,
            active=active,
            updated_at=NOW,
        )
        for sku in skus
    )


def join(name: str = "m1", **more: Any) -> MemberId:
    """A member."""
    return MemberId(Member.objects.create(external_id=name, joined_at=NOW, **more).pk)


def buy(member_id: int, *skus: str, ago: timedelta = timedelta(hours=2)) -> None:
    """One order, so long ago."""
    at = NOW - ago
    row = Order.objects.create(
        member_id=member_id,
        external_id=f"o{Order.objects.count()}",
        occurred_at=at,
        recorded_at=at,
        recorded_by="system",
        currency="EUR",
        amount=100,
        lines_count=len(skus),
        fingerprint=b"",
    )
    OrderLine.objects.bulk_create(
        OrderLine(
            member_id=member_id,
            order_id=row.pk,
            line_no=number,
            quantity=1,
            amount=100,
            discount=0,
            sku=sku,
            kind="product",
        )
        for number, sku in enumerate(skus, 1)
    )


def view(member_id: int, sku: str, ago: timedelta = timedelta(minutes=5)) -> None:
    """A product looked at."""
    Event.objects.create(
        member_id=member_id,
        external_id=f"e{Event.objects.count()}",
        kind="view",
        occurred_at=NOW - ago,
        recorded_at=NOW,
        recorded_by="system",
        attributes={"sku": sku},
        fingerprint=b"",
    )


def learn(
    member_id: int, shelf: ShelfCode, *skus: str, reasons: Any = None, as_of: date = AS_OF, model_id: int = 7
) -> None:
    """Candidates of a shelf, best first."""
    Candidates.objects.create(
        member_id=member_id,
        shelf=shelf.value,
        model_id=model_id,
        as_of=as_of,
        skus=list(skus),
        scores=[float(len(skus) - place) for place in range(len(skus))],
        reasons=[[["category", {"category": "Food", "orders": 3}]] for _ in skus]
        if reasons is None
        else reasons,
    )


def relate(sku: str, *others: str) -> None:
    """What goes with a product, best first."""
    Similar.objects.create(sku=sku, skus=list(others), weights=[1 / (n + 1) for n in range(len(others))])


def popularise(scope: str, *skus: str) -> None:
    """What is popular in a scope."""
    Popular.objects.create(
        scope=scope, days=28, skus=list(skus), buyers=[100 - place for place in range(len(skus))]
    )


def taste(member_id: int, **more: Any) -> None:
    """What is known of a member."""
    Taste.objects.create(member_id=member_id, as_of=AS_OF, orders_count=9, **more)
