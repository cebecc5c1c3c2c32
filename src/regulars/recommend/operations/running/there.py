"""Blocks on Spark: its Python workers run the job, and what comes of it waits on the executors' disks.

Workers need Python with Regulars and its `analytics` extra, no database and no settings. What all blocks
share goes to each executor as one file, and is mapped into memory: its pages are there once for a machine.
"""

import pickle
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from mmap import ACCESS_READ, mmap
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, cast

import pyarrow as pa
from py4j.protocol import Py4JError
from pyspark import SparkFiles, StorageLevel, cloudpickle
from pyspark.errors import PySparkException
from pyspark.sql.pandas.types import from_arrow_schema

from regulars.recommend.errors import EngineFailed
from regulars.recommend.learning.blocks import COMPRESSED, Job, mix

BLOCK, PART = "block", "part"
SIZE = 8
"""Bytes of a number at the head of a file; what is mapped begins at multiples of `ALIGNED`."""
ALIGNED = 64


class There:
    """Rows of members by block, on a Spark session."""

    def __init__(self, session: Any, rows: Any, blocks: int) -> None:
        self._session, self._rows, self._blocks = session, rows, blocks

    def run(self, job: Job) -> Iterator[Any]:
        """What comes of each block, block by block: one at a time is here. Raises EngineFailed."""
        path = self._send(job)
        found = self._map(path.name).persist(StorageLevel.DISK_ONLY)
        try:
            # All of them at once; what is read of it afterwards is there already.
            found.count()
            for block in range(self._blocks):
                parts = found.filter(found[BLOCK] == block).select(PART).toArrow().column(PART)
                for part in parts:
                    yield from pa.ipc.open_stream(part.as_buffer())
        except (PySparkException, Py4JError) as error:
            raise EngineFailed.of(error) from error
        finally:
            found.unpersist()
            # It stays as a name: an executor that comes later asks for all files that ever were.
            path.write_bytes(b"")

    def _send(self, job: Job) -> Path:
        """Give a job to all executors as a file, out of the directory that goes with the application."""
        context = self._session.sparkContext
        with NamedTemporaryFile(
            prefix="regulars-", suffix=".job", dir=context._temp_dir, delete=False
        ) as file:
            path = Path(file.name)
        write_job(path, job)
        context.addFile(str(path))
        return path

    def _map(self, name: str) -> Any:
        """What comes of each block, compressed: a tenth of it goes through Spark and stands in its memory."""
        given = pa.schema([pa.field(BLOCK, pa.int64()), pa.field(PART, pa.binary())])

        def run(key: tuple[pa.Scalar, ...], batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
            (block,) = key
            rows = pa.Table.from_batches(batches).drop_columns([BLOCK])
            for batch in read_job(SparkFiles.get(name)).run(rows):
                columns = [pa.array([block.as_py()], pa.int64()), pa.array([press(batch)], pa.binary())]
                yield pa.RecordBatch.from_arrays(columns, schema=given)

        return self._rows.groupBy(BLOCK).applyInArrow(run, from_arrow_schema(given))


@contextmanager
def hold_there(backend: Any, sources: Sequence[Any], blocks: int) -> Iterator[There]:
    """Hold rows of members on a Spark backend, by block, while the block runs."""
    rows, *more = [source.mutate(**{BLOCK: mix(source.member_id) % blocks}) for source in sources]
    session = backend._session
    held = session.sql(backend.compile(rows.union(*more))).repartition(blocks, BLOCK)
    held = held.persist(StorageLevel.DISK_ONLY)
    try:
        yield There(session, held, blocks)
    finally:
        held.unpersist()


def press(batch: Any) -> bytes:
    """A record batch as a compressed stream of Arrow."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema, options=COMPRESSED) as stream:
        stream.write_batch(batch)
    return bytes(sink.getvalue())


def write_job(path: Path, job: Job) -> None:
    """Keep a job as a file whose arrays are read without a copy: their bytes stand in a row after it."""
    buffers: list[pickle.PickleBuffer] = []
    told = cast(Any, cloudpickle).dumps(job, protocol=5, buffer_callback=buffers.append)
    sizes = [one.raw().nbytes for one in buffers]
    head = [len(told), len(sizes), *sizes]
    with path.open("wb") as file:
        file.write(b"".join(number.to_bytes(SIZE, "little") for number in head))
        file.write(told)
        for one in buffers:
            file.write(b"\0" * (-file.tell() % ALIGNED))
            file.write(one.raw())


@lru_cache(maxsize=1)
def read_job(path: str) -> Any:
    """The job of a file, once in a process; its arrays are parts of the file and cannot be written."""
    with Path(path).open("rb") as file:
        held = memoryview(mmap(file.fileno(), 0, access=ACCESS_READ))
    told, count = (int.from_bytes(held[place : place + SIZE], "little") for place in (0, SIZE))
    place = (2 + count) * SIZE
    sizes = [int.from_bytes(held[at : at + SIZE], "little") for at in range(2 * SIZE, place, SIZE)]
    parts = []
    start = place + told
    for size in sizes:
        start += -start % ALIGNED
        parts.append(held[start : start + size])
        start += size
    return pickle.loads(held[place : place + told], buffers=parts)  # noqa: S301 - written by the driver
