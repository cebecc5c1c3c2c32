"""A real standalone Spark cluster on the loopback: a master and two workers, each a process of its own.

Tests ask for the fixture `spark` (an Ibis backend) or `hold_on_spark` (Arrow tables in, Facts out); both last
for the run, since a cluster takes seconds to come. Tests that use them stand in one file, tests/engines:
each process of a parallel run that meets one starts a cluster of its own.
"""

import contextlib
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from regulars.facts.facade import Facts, facts_from_arrow, open_spark
from tests.parent_death import die_with_parent

JAVA_MIN = 17
# What runs for seconds is not worth optimising, and one processor's garbage needs one collector.
# Spark's own classes need no verifying: a fifth of what a machine's start costs.
BRIEF = (
    "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:+UnlockDiagnosticVMOptions -XX:-BytecodeVerificationRemote"
)
# On a machine that is busy with something else; it takes ten on one that is not.
WAIT_SECONDS = 180
MASTER_SAYS = re.compile(r"Starting Spark master at (spark://\S+)")
WORKER_SAYS = re.compile(r"Successfully registered with master")
SMALL = {
    "spark.executor.memory": "512m",
    "spark.executor.cores": "1",
    "spark.cores.max": "2",
    "spark.driver.memory": "512m",
    "spark.executor.extraJavaOptions": BRIEF,
    "spark.driver.extraJavaOptions": BRIEF,
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.sql.shuffle.partitions": "2",
    "spark.default.parallelism": "2",
    # Small data: what compiling each query would save is less than what it costs.
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
}


def find_lack() -> str:
    """What is missing to run Spark here, in words; empty where nothing is."""
    if importlib.util.find_spec("pyspark") is None:
        return "pyspark is not installed"
    java = _find_java()
    if java is None:
        return "there is no Java"
    told = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(\d+)', told)
    if found is None or int(found[1]) < JAVA_MIN:
        return f"Java {JAVA_MIN} is needed"
    return ""


def _find_java() -> str | None:
    home = os.environ.get("JAVA_HOME")
    return str(Path(home, "bin", "java")) if home else shutil.which("java")


@contextlib.contextmanager
def run_cluster(workers: int = 2) -> Iterator[str]:
    """Run a master and its workers; gives the master's address. Nothing of them is left afterwards."""
    with tempfile.TemporaryDirectory(prefix="regulars-spark-") as folder, contextlib.ExitStack() as stack:
        home = Path(folder)
        master = stack.enter_context(_process(home, "master", "master.Master", "--port", "0"))
        address = _await(home / "master.log", master, MASTER_SAYS)[1]
        running = [
            stack.enter_context(
                _process(
                    home,
                    f"worker{number}",
                    "worker.Worker",
                    *("--port", "0", "--cores", "1", "--memory", "1g", "--work-dir", str(home / f"{number}")),
                    address,
                )
            )
            for number in range(workers)
        ]
        for number, process in enumerate(running):
            _await(home / f"worker{number}.log", process, WORKER_SAYS)
        yield address


@contextlib.contextmanager
def _process(home: Path, name: str, role: str, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    import pyspark

    spark = Path(pyspark.__file__).parent
    environment = os.environ | {
        "SPARK_HOME": str(spark),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_DAEMON_MEMORY": "256m",
        "SPARK_NO_DAEMONIZE": "1",
        "SPARK_LOCAL_DIRS": str(home),
        "SPARK_DAEMON_JAVA_OPTS": BRIEF,
        "SPARK_LAUNCHER_OPTS": BRIEF,
    }
    with (home / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(
            [
                *(str(spark / "bin" / "spark-class"), f"org.apache.spark.deploy.{role}"),
                *("--host", "127.0.0.1", "--webui-port", "0", *arguments),
            ],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            # A worker's executors end when they lose their worker, the driver when it loses us.
            preexec_fn=die_with_parent,  # noqa: PLW1509 - one call of prctl, no thread of ours meanwhile
        )
    try:
        yield process
    finally:
        # A worker's executors are of its session, and end with it.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _await(log: Path, process: subprocess.Popen[bytes], pattern: re.Pattern[str]) -> re.Match[str]:
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        text = log.read_text("utf-8", "replace")
        found = pattern.search(text)
        if found:
            return found
        if process.poll() is not None:
            break
        time.sleep(0.05)
    raise RuntimeError(f"Spark did not start:\n{log.read_text('utf-8', 'replace')[-4000:]}")


@pytest.fixture(scope="session")
def spark_master() -> Iterator[str]:
    """The address of a running master with two workers."""
    lack = find_lack()
    if lack:
        pytest.skip(lack)
    with run_cluster() as address:
        yield address


@pytest.fixture(scope="session")
def spark(spark_master: str) -> Iterator[Any]:
    """An Ibis backend on that cluster."""
    backend = open_spark(spark_master, options=SMALL)
    yield backend
    backend.disconnect()


@pytest.fixture
def hold_on_spark(spark: Any) -> Callable[..., Facts]:
    """Arrow tables as facts on that cluster, as `facts_from_arrow` holds them on DuckDB."""

    def hold(tables: Mapping[str, Any], as_of: date, time_zone: str = "UTC") -> Facts:
        return facts_from_arrow(tables, as_of, time_zone, backend=spark)

    return hold
