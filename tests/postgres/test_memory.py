"""PostgreSQL's share of the memory grows with the machine, within bounds."""

import pytest

from regulars.postgres.memory import read_memory_mb, size_settings


@pytest.mark.parametrize(
    ("memory", "buffers", "cached"),
    [(512, 256, 256), (4_096, 1_024, 2_048), (24_576, 6_144, 12_288), (262_144, 8_192, 131_072)],
)
def test_a_quarter_within_bounds(memory: int, buffers: int, cached: int) -> None:
    told = f"shared_buffers = {buffers}MB\neffective_cache_size = {cached}MB\n"
    assert size_settings(memory) == told


def test_the_machine_is_asked() -> None:
    assert 64 < read_memory_mb() < 2**24
