"""What would give more than a wallet is made for is refused alone; the rest of its batch goes through."""

from collections.abc import Callable, Collection, Mapping, Sequence, Set
from typing import TypeVar

from django.db import transaction

from regulars.earning.errors import AwardTooLarge
from regulars.earning.policies import AWARD_MAX

_Outcome = TypeVar("_Outcome")


class OversizedAwards(Exception):
    """What of a batch would give too much, by the id under which it was recorded."""

    def __init__(self, source_ids: Set[int]) -> None:
        super().__init__(f"{len(source_ids)} awards are too large.")
        self.source_ids = source_ids


def submit_without_oversized(
    submit: Callable[[Mapping[int, AwardTooLarge]], list[_Outcome]],
) -> list[_Outcome]:
    """Do a batch in a transaction; where rows would give too much, all over again without them.

    `submit` is told which places of the batch are refused; `with_places` tells it which more there are.
    What every batch pays for it is one comparison a posting: no savepoint, no second look.
    """
    refused: dict[int, AwardTooLarge] = {}
    while True:
        try:
            with transaction.atomic(durable=True):
                return submit(refused)
        except _OversizedRows as found:
            detail = f"By the programme's rules it would give more than {AWARD_MAX:,}."
            refused |= {place: AwardTooLarge(detail, limit=AWARD_MAX) for place in found.places}


def with_places(oversized: OversizedAwards, source_ids: Sequence[int | None]) -> Exception:
    """The same, by place in the batch; `source_ids` are those of all of its rows."""
    places = {place for place, source_id in enumerate(source_ids) if source_id in oversized.source_ids}
    return _OversizedRows(places)


class _OversizedRows(Exception):
    def __init__(self, places: Collection[int]) -> None:
        super().__init__(f"{len(places)} rows are too large.")
        self.places = places
