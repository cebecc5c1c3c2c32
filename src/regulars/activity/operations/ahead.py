"""What lies in the future is refused, but not what was taken before: a clock may have been set back since."""

from collections.abc import Callable, Container, Sequence
from datetime import datetime

from regulars.activity.policies import is_key, lies_ahead
from regulars.activity.types import EventInput, OrderInput, ReturnInput

Row = OrderInput | ReturnInput | EventInput


def find_taken(
    batch: Sequence[Row], now: datetime, find: Callable[[set[str]], Container[str]]
) -> Container[str]:
    """Keys of those in the batch that lie in the future and are recorded all the same.

    One query by `find`, and none where nothing lies in the future, as is usual.
    """
    ahead = {row.external_id for row in batch if lies_ahead(row.occurred_at, now)}
    keys = {key for key in ahead if is_key(key)}
    return find(keys) if keys else ()
