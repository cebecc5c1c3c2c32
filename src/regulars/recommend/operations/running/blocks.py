"""Where blocks run: in this process on DuckDB, on the cluster where the settings name one."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings

from regulars.facts.facade import Facts
from regulars.recommend.learning.blocks import Job
from regulars.recommend.learning.models.first import FirstStage
from regulars.recommend.operations.running.here import hold_here


class Runner(Protocol):
    """Rows of members by block, held where they are worked on."""

    def run(self, job: Job) -> Iterator[Any]:
        """What comes of each block, block by block, as record batches."""
        ...


def hold_blocks(facts: Facts, sources: Sequence[Any], blocks: int) -> AbstractContextManager[Runner]:
    """Hold rows of members on the engine of the facts, while the block runs."""
    if not _is_spark(facts):
        return hold_here(sources, blocks, Path(settings.DATA_DIR))
    from regulars.recommend.operations.running.there import hold_there  # noqa: PLC0415 - an extra of its own

    return hold_there(facts.backend, sources, blocks)


def choose_first(facts: Facts) -> FirstStage:
    """Where candidates come from: with ALS of the engine's own where items are too many for EASE."""
    if not _is_spark(facts):
        return FirstStage(settings.RECOMMEND_EASE_ITEMS_MAX)
    from regulars.recommend.operations.running.factors import (  # noqa: PLC0415 - an extra of its own
        LIBRARY,
        SparkFactors,
    )

    session: Any = facts.backend
    return FirstStage(settings.RECOMMEND_EASE_ITEMS_MAX, SparkFactors(session._session), LIBRARY)


def _is_spark(facts: Facts) -> bool:
    return bool(facts.backend.name != "duckdb")
