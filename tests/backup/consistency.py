"""What a copy taken under load must hold: everything up to one instant, and nothing after it."""

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Order:
    """One order as its client saw it. Instants are in seconds of one clock; None: no answer was heard."""

    name: str
    sent_at: float
    answered_at: float | None


def find_faults(orders: Collection[Order], found: Collection[str], *, began_at: float) -> list[str]:
    """Where a copy, begun at `began_at`, is not a state that the shop was in.

    Whatever was answered before something in the copy was even sent must be in the copy as well: there is
    then an instant between answers and requests that parts what is in it from what is not.
    """
    in_copy = [order for order in orders if order.name in found]
    latest = max((order.sent_at for order in in_copy), default=began_at)
    faults = [f"{name} was never sent" for name in set(found) - {order.name for order in orders}]
    for order in orders:
        if order.name in found or order.answered_at is None:
            continue
        if order.answered_at <= began_at:
            faults.append(f"{order.name} was answered before the copy began, and is lost")
        elif order.answered_at < latest:
            faults.append(f"{order.name} is missing, and something sent after its answer is there")
    return sorted(faults)
