"""Orders in, points out."""

import pytest

from regulars.earning.facade import SubmitStatus
from regulars.earning.models import Award
from tests.activity.makers import line, make_members, order
from tests.earning.worlds import WHOLE, active, publish, stock_products, submit_orders

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def shop() -> None:
    publish(WHOLE)
    stock_products()


def test_an_order_earns_by_the_rules() -> None:
    (ada,) = make_members(1)
    (outcome,) = submit_orders(order("A-1", ada, line(1, 550, sku="rye"), line(2, 999, sku="milk")))
    assert outcome.status is SubmitStatus.ACCEPTED
    # 5 + 9 by amount, 6 more as bread counts double (11 in all on 5.50), 100 for the first purchase.
    assert outcome.points == 5 + 9 + 6 + 100
    assert active(ada) == outcome.points
    award = Award.objects.get()
    assert (award.points, award.pk) == (outcome.points, outcome.award_id)
