"""One campaign: an open shop, sixteen clients, an importer and a worker; injuries; and the judgement."""

import itertools
import random
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import psycopg
from django.db import connection

from regulars.ledger import facade as ledger
from tests.cli.terminal import UP_SECONDS, wait_until
from tests.faults.asks import Ask, Kind, Notebook, Told, Verdict
from tests.faults.clients import CLIENTS, Client, Shop, ask_again
from tests.faults.importer import Importer, status_of
from tests.faults.injuries import INJURIES, Scene, why_not
from tests.faults.jobs import Calendar, enqueue_sweeps, let_two_minutes_pass
from tests.faults.judge import Fault, Wrong, judge_asks, judge_rest, judge_whole
from tests.faults.proxy import Proxy
from tests.faults.records import Records, read_records
from tests.faults.world import World

ATTEMPTS_MIN = 250
LATER_SECONDS = 2 * 3_600
"""So far the clock is set forward in the end: every reservation has timed out, every short lot has lapsed."""
SWEEP_SECONDS = 240
PATIENCE_SECONDS = 300
"""So long, when the time is over, what was not possible at its first turn is tried again."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How long, how hard. `label` tells the keys of several campaigns in one world apart."""

    label: str
    seconds: float
    seed: int
    pause_seconds: float
    """Between two asks of one client, on average."""
    gap_seconds: float
    """Between two injuries, on average."""
    again_max: int
    """How many keys of each kind and verdict are asked again; of unknown ones all are."""
    is_hurt: bool = True


@dataclass(slots=True)
class Outcome:
    """What was done and what was found; everything here was counted."""

    plan: Plan
    notebook: Notebook
    injuries: Counter[str] = field(default_factory=Counter)
    skipped: dict[str, str] = field(default_factory=dict)
    given_up: list[str] = field(default_factory=list)
    """Last words of `regulars up` where it ended by itself, and had to be started again."""
    before: Records = field(default_factory=Records)
    after: Records = field(default_factory=Records)
    rest: Records = field(default_factory=Records)
    again: dict[str, Told] = field(default_factory=dict)
    files: int = 0
    sweeps: int = 0
    faults: list[Fault] = field(default_factory=list)
    began_at: float = field(default_factory=time.monotonic)

    def tell(self, what: str) -> None:
        """Of a step that is done, to whoever watches."""
        print(f"{time.monotonic() - self.began_at:7.1f} s  {what}", file=sys.stderr, flush=True)


def run_campaign(world: World, secret: str, plan: Plan) -> Outcome:
    """In a world where `regulars up` runs, and runs again in the end."""
    notebook = Notebook(world.parent / f"told-{plan.label}.jsonl", plan.label)
    outcome = Outcome(plan, notebook)
    seed = f"{plan.seed}:{plan.label}"
    over = threading.Event()
    crashed: list[str] = []
    threading.excepthook = lambda crash: crashed.append(f"{crash.thread}: {crash.exc_value!r}")
    with _wire(world) as (wire, port):
        shop = Shop(port, secret)
        importer = Importer(world.parent, world.environment, notebook, over, seed)
        calendar = Calendar(over)
        clients = [
            Client(
                number,
                seed=seed,
                shop=shop,
                notebook=notebook,
                over=over,
                pause_seconds=plan.pause_seconds,
            )
            for number in range(CLIENTS)
        ]
        for thread in (*clients, importer, calendar):
            thread.start()
        scene = Scene(world, wire, importer, random.Random(seed))
        if plan.is_hurt:
            _hurt(scene, plan, outcome)
        else:
            time.sleep(plan.seconds)
            # However slow the machine is at the moment: a race needs enough that run.
            wait_until(lambda: notebook.attempts >= ATTEMPTS_MIN)
        over.set()
        for thread in (*clients, importer, calendar):
            thread.join()
        if crashed:
            raise RuntimeError(f"The harness itself is broken: {crashed}")
        outcome.tell("traffic is over")
        _heal(world)
        outcome.tell("healed")
        outcome.files, outcome.sweeps = importer.files, calendar.enqueued
        _judge(world, shop, importer, outcome)
    outcome.given_up = list(world.given_up)
    notebook.close()
    return outcome


@contextmanager
def _wire(world: World) -> Iterator[tuple[Proxy, int]]:
    """What clients are connected by; it leads to the web server of the moment."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    with Proxy(listener, lambda: socket.create_connection(("127.0.0.1", world.port), timeout=5)) as wire:
        yield wire, listener.getsockname()[1]


def _hurt(scene: Scene, plan: Plan, outcome: Outcome) -> None:
    """Each kind once, in an order by chance, and then any, until the time is over."""
    world = scene.world
    outcome.skipped = {name: reason for name in INJURIES if (reason := why_not(name, world))}
    kinds = [name for name in INJURIES if name not in outcome.skipped]
    deadline = time.monotonic() + plan.seconds
    todo: list[str] = []
    while True:
        missing = [name for name in kinds if not outcome.injuries[name]]
        if time.monotonic() > deadline + (PATIENCE_SECONDS if missing else 0):
            return
        todo = todo or scene.chance.sample(kinds, len(kinds))
        if time.monotonic() > deadline:
            todo = missing
        scene.sleep(plan.gap_seconds / 2, plan.gap_seconds * 3 / 2)
        world.ensure_up()
        name = todo.pop()
        began_at = time.monotonic()
        outcome.injuries[name] += (done := INJURIES[name](scene))
        outcome.tell(f"{name}{'' if done else ' (not now)'}, {time.monotonic() - began_at:.1f} s")


def _heal(world: World) -> None:
    """The clock is right, everything runs, and nobody is at work any more."""
    world.clock.set_wrong_by(0)
    deadline = time.monotonic() + UP_SECONDS
    while True:
        world.ensure_up()
        assert world.up is not None
        if world.is_database_ready() and world.up.answers():
            break
        assert time.monotonic() < deadline, world.up.log.read_text()
        time.sleep(0.1)
    wait_until(lambda: not _is_busy(world))


def _is_busy(world: World) -> bool:
    query = """
        SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'
            AND pid <> pg_backend_pid() AND (state <> 'idle' OR wait_event_type = 'Lock')
    """
    try:
        with world.database() as opened:
            row = opened.execute(query).fetchone()
    except psycopg.OperationalError:
        return True
    return row is None or row[0] > 0


def _judge(world: World, shop: Shop, importer: Importer, outcome: Outcome) -> None:
    outcome.before = _read(world)
    outcome.faults += judge_whole(outcome.before, _replay())
    outcome.tell("judged; now asking again")
    outcome.again = ask_again(shop, _choose_again(outcome))
    outcome.tell(f"{len(outcome.again)} keys asked again")
    outcome.again |= _import_again(importer, outcome)
    outcome.after = _read(world)
    outcome.faults += judge_asks(outcome.notebook, outcome.before, outcome.again, outcome.after)
    outcome.faults += judge_whole(outcome.after, _replay())
    if outcome.plan.is_hurt:
        outcome.tell("now everything times out")
        _let_time_out(world)
        outcome.tell("swept")
        outcome.rest = _read(world)
        outcome.faults += judge_whole(outcome.rest, _replay())
        outcome.faults += judge_rest(outcome.rest)
        world.clock.set_wrong_by(0)
    outcome.faults = list(dict.fromkeys(outcome.faults))


def _read(world: World) -> Records:
    with world.database() as opened:
        return read_records(opened)


def _replay() -> list[str]:
    """What the ledger's own proof says, over connections that this process has not used meanwhile."""
    connection.close()
    problems = [str(problem) for problem in ledger.prove().problems]
    connection.close()
    return problems


def _choose_again(outcome: Outcome) -> list[Ask]:
    """Every unknown one; of the others as many of each kind as planned, by chance."""
    notebook = outcome.notebook
    chance = random.Random(outcome.plan.seed)
    chosen: list[Ask] = []
    for kind, verdict in itertools.product(Kind, Verdict):
        asks = [ask for ask in notebook.asks.values() if ask.kind is kind and ask.path]
        asks = [ask for ask in asks if notebook.told[ask.key] and notebook.verdict(ask.key) is verdict]
        most = len(asks) if verdict is Verdict.UNKNOWN else outcome.plan.again_max
        chosen += chance.sample(asks, min(most, len(asks)))
    return chance.sample(chosen, len(chosen))


def _import_again(importer: Importer, outcome: Outcome) -> dict[str, Told]:
    """All files once more, as one: what was there is there already, and what was not comes in."""
    asks = [ask for ask in outcome.notebook.asks.values() if not ask.path]
    if not asks:
        return {}
    report, rejected = importer.import_again()
    there = sum(bool(outcome.before.found[ask.key]) for ask in asks)
    if report is not None and report.there_already != there:
        sentence = f"the import found {report.there_already} orders there already, and there were {there}"
        outcome.faults.append(Fault(Wrong.CHANGED, sentence, Kind.IMPORT))
    return {ask.key: Told(ask.key, 0, 0, report and status_of(ask.key, rejected)) for ask in asks}


def _let_time_out(world: World) -> None:
    """It is two hours later, and the worker does what is due; this waits until it has."""
    world.clock.set_wrong_by(LATER_SECONDS)
    deadline = time.monotonic() + SWEEP_SECONDS
    while time.monotonic() < deadline:
        enqueue_sweeps()
        let_two_minutes_pass(world)
        time.sleep(1)
        if not list(judge_rest(_read(world))):
            return
