"""The ways in which the installation is hurt. Each is called once for each time; it says whether it could."""

import contextlib
import os
import random
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg

from regulars.postgres import facade as postgres
from tests.faults.importer import Importer
from tests.faults.proxy import Mode, Proxy
from tests.faults.world import World
from tests.postgres.processes import postmaster_pid

WAIT_SECONDS = 20


@dataclass(slots=True)
class Scene:
    """What the injuries have to do with."""

    world: World
    wire: Proxy
    """Between the clients and the web server."""
    importer: Importer
    chance: random.Random

    def sleep(self, low: float, high: float) -> None:
        time.sleep(self.chance.uniform(low, high))

    def wait_for(self, condition: Callable[[], object], seconds: float = WAIT_SECONDS) -> bool:
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        return True


def kill_web(scene: Scene) -> bool:
    return _kill(scene, "web process")


def kill_worker(scene: Scene) -> bool:
    return _kill(scene, "worker")


def kill_web_amid_postings(scene: Scene) -> bool:
    """With requests half way through their transactions: every wallet is kept from them meanwhile."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    with (
        contextlib.suppress(psycopg.OperationalError),
        scene.world.database() as looker,
        scene.world.database() as watcher,
        watcher.transaction(),
    ):
        watcher.execute("SELECT 1 FROM ledger_wallet ORDER BY member_id, currency FOR UPDATE")
        if scene.wait_for(lambda: looker.execute(waiting).fetchone()[0] >= 3):
            return _kill(scene, "web process")
    return False


def kill_database(scene: Scene) -> bool:
    """The postmaster; its children notice and follow."""
    with contextlib.suppress(OSError, ValueError):
        os.kill(postmaster_pid(scene.world.data_dir), 9)
        return True
    return False


def kill_import(scene: Scene) -> bool:
    """At any moment, from its start to its end."""
    if not scene.wait_for(lambda: scene.importer.running is not None):
        return False
    scene.sleep(0.2, 2.5)
    running = scene.importer.running
    if running is None or running.poll() is not None:
        return False
    running.kill()
    return True


def kill_everything(scene: Scene) -> bool:
    scene.world.kill_everything()
    scene.world.start()
    return True


def restart_everything(scene: Scene) -> bool:
    scene.world.end()
    scene.world.start()
    return True


def cut_clients(scene: Scene) -> bool:
    return scene.wire.cut() > 0


def stall_clients(scene: Scene) -> bool:
    return _disturb(scene, scene.wire, Mode.STALL)


def lose_answers_to_clients(scene: Scene) -> bool:
    """What was asked is done, and nobody hears of it."""
    done = _disturb(scene, scene.wire, Mode.LOSE_ANSWERS)
    scene.wire.cut()
    return done


def cut_database(scene: Scene) -> bool:
    with _between_web_and_database(scene) as wire:
        return wire is not None and wire.cut() > 0


def stall_database(scene: Scene) -> bool:
    with _between_web_and_database(scene) as wire:
        return wire is not None and _disturb(scene, wire, Mode.STALL)


def lose_answers_of_database(scene: Scene) -> bool:
    """Commits happen, and the web server does not hear of them."""
    with _between_web_and_database(scene) as wire:
        if wire is None:
            return False
        wire.mode = Mode.LOSE_ANSWERS
        scene.sleep(0.05, 0.5)
        return wire.cut() > 0


def fill_disk(scene: Scene) -> bool:
    """To the last byte, for some seconds; the log's next segment, too, finds no place."""
    ballast = scene.world.data_dir / "ballast"
    with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(1 << 20))
    try:
        scene.sleep(0.5, 1.5)
        with contextlib.suppress(psycopg.Error), scene.world.database(postgres.SUPERUSER) as connection:
            connection.execute("SELECT pg_switch_wal()")
        scene.sleep(0.5, 1.5)
    finally:
        ballast.unlink()
    return True


def set_clock_back(scene: Scene) -> bool:
    """By seconds, hours or days, and right again after a while."""
    scene.world.clock.set_wrong_by(-scene.chance.choice((1.5, 40, 7_200, 260_000)))
    scene.sleep(1.5, 4)
    scene.world.clock.set_wrong_by(0)
    return True


INJURIES: dict[str, Callable[[Scene], bool]] = {
    "web process killed": kill_web,
    "web process killed amid postings": kill_web_amid_postings,
    "worker killed": kill_worker,
    "PostgreSQL killed": kill_database,
    "import killed": kill_import,
    "everything killed, started again": kill_everything,
    "everything stopped, started again": restart_everything,
    "clients' connections cut": cut_clients,
    "clients' connections stalled": stall_clients,
    "answers to clients lost": lose_answers_to_clients,
    "database connections cut": cut_database,
    "database connections stalled": stall_database,
    "answers of the database lost": lose_answers_of_database,
    "disk filled": fill_disk,
    "clock set back": set_clock_back,
}


def why_not(name: str, world: World) -> str:
    """Why this cannot be done here; empty where it can."""
    return world.no_small_disk if name == "disk filled" else ""


def _kill(scene: Scene, part: str) -> bool:
    """It may just be on its way up again."""
    if not scene.wait_for(lambda: scene.world.part(part) is not None):
        return False
    process = scene.world.part(part)
    with contextlib.suppress(psutil.Error, AttributeError):
        process.kill()
        return True
    return False


def _disturb(scene: Scene, wire: Proxy, mode: Mode) -> bool:
    wire.mode = mode
    scene.sleep(0.3, 2.5)
    wire.mode = Mode.PASS
    return True


@contextlib.contextmanager
def _between_web_and_database(scene: Scene) -> Iterator[Proxy | None]:
    """A wire in the place of the database's socket, with the web server's connections on it; or None.

    A socket that is renamed still leads to its server. Who is connected is thrown out, and comes back
    by the wire.
    """
    front = postgres.socket_dir(scene.world.data_dir) / f".s.PGSQL.{postgres.PORT}"
    behind = front.with_name("behind")
    if not scene.wait_for(scene.world.is_database_ready):
        yield None
        return
    front.rename(behind)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(front))
    try:
        with Proxy(listener, lambda: _connect(behind)) as wire:
            with contextlib.suppress(psycopg.Error), scene.world.database(postgres.SUPERUSER) as connection:
                connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
                )
            taken = wire.taken
            yield wire if scene.wait_for(lambda: wire.taken >= taken + 4) else None
    finally:
        # A server started meanwhile has put its own socket there.
        if behind.exists() and _is_dead(front):
            behind.rename(front)
        behind.unlink(missing_ok=True)


def _connect(path: Path) -> socket.socket:
    end = socket.socket(socket.AF_UNIX)
    end.connect(str(path))
    return end


def _is_dead(path: Path) -> bool:
    try:
        _connect(path).close()
    except OSError:
        return True
    return False
