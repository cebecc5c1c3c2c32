"""Blocks one after another in this process. Rows wait on the disk, one block is in memory at a time."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

import numpy as np
import pyarrow as pa

from regulars.recommend.learning.blocks import COMPRESSED, ROWS, Job, mix
from regulars.recommend.operations.rows import stream_rows


class Here:
    """Rows of members by block. The file has no name: it is gone with the process, however that ends."""

    def __init__(self, file: IO[bytes], blocks: int) -> None:
        self._file = file
        self._places: list[list[tuple[int, int]]] = [[] for _ in range(blocks)]

    def run(self, job: Job) -> Iterator[Any]:
        """What comes of each block, block by block."""
        for places in self._places:
            parts = [self._read(start, size) for start, size in places]
            yield from job.run(pa.concat_tables([ROWS.empty_table(), *parts]))

    def keep(self, sources: Sequence[Any]) -> None:
        """Sort what expressions give into blocks, a batch at a time."""
        for rows in stream_rows(sources):
            self._keep(rows)

    def _keep(self, rows: Any) -> None:
        blocks = mix(rows.column("member_id").to_numpy()) % len(self._places)
        order = np.argsort(blocks, kind="stable")
        edges = np.searchsorted(blocks[order], np.arange(len(self._places) + 1)).tolist()
        for block, places in enumerate(self._places):
            some = order[edges[block] : edges[block + 1]]
            if len(some):
                start = self._file.tell()
                with pa.ipc.new_stream(self._file, ROWS, options=COMPRESSED) as stream:
                    stream.write_table(rows.take(some))
                places.append((start, self._file.tell() - start))

    def _read(self, start: int, size: int) -> Any:
        self._file.seek(start)
        return pa.ipc.open_stream(self._file.read(size)).read_all()


@contextmanager
def hold_here(sources: Sequence[Any], blocks: int, folder: Path) -> Iterator[Here]:
    """Hold rows of members in a nameless file of a folder, while the block runs."""
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryFile(dir=folder) as file:
        here = Here(file, blocks)
        here.keep(sources)
        yield here
