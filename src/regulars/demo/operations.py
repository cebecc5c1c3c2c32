"""Loading the demonstration. Each step leaves a mark: a run that was killed goes on where it was."""

import gc
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime
from importlib import resources
from itertools import chain
from typing import Any

from django.db import connection, connections

from regulars.catalogue import facade as catalogue
from regulars.demo.calendar import ZONE, Shift, start_of_week
from regulars.demo.dataset import Dataset, Week
from regulars.demo.errors import NotForDemo
from regulars.demo.redeeming import deliver_some
from regulars.demo.rewards import FIRST_LOOK, POOLS, list_rewards, make_codes, make_first_look
from regulars.demo.types import DemoProgress, Loaded, OnProgress
from regulars.demo.weeks import SHARES, Share, load_week, pass_week
from regulars.kit.actor import Actor, ActorKind
from regulars.kit.clock import local_date
from regulars.kit.fingerprint import fingerprint
from regulars.ledger import facade as ledger
from regulars.members import facade as members
from regulars.rules import facade as rules
from regulars.trail import facade as trail

ACTOR = Actor(ActorKind.IMPORT, "demo")
SCOPE = "demo"
MARK = fingerprint(["regulars", "demo"])
NOTE = "The programme of the demonstration."
PRODUCTS_BATCH = 10_000
ANALYZE_AFTER = frozenset({0, 3, 12})
"""Weeks after which the planner is told anew how large tables are: they grow from nothing."""


def load(*, now: datetime, on_progress: OnProgress) -> bool:
    """Load what is not loaded yet; True where something was. Raises DatasetMissing, NotForDemo."""
    done = find_mark("done")
    if done is not None:
        _renew_first_look(now)
        return False
    dataset = Dataset()
    shift = _settle_calendar(now)
    total = dataset.count_rows()
    on_progress(DemoProgress(0, total, "programme and rewards"))
    programme = _publish_programme(shift, now)
    _save_rewards(shift, now)
    on_progress(DemoProgress(0, total, "products"))
    _save_products(dataset, start_of_week(0, shift))
    demographics = dataset.read_demographics()
    shares = [Share(number, ACTOR, shift, programme.currency, demographics, now) for number in range(SHARES)]
    loaded = _load_weeks(dataset, shares, total, on_progress)
    _expire(now)
    _analyze()
    set_mark("done", _pack(loaded), now)
    return True


def find_shift() -> Shift | None:
    """How far the purchases were moved; None where nothing is loaded."""
    mark = find_mark("calendar")
    return None if mark is None else Shift(mark["weeks"])


def find_loaded() -> Loaded:
    """What was loaded, as counted then."""
    return _unpack(find_mark("done") or {})


def _settle_calendar(now: datetime) -> Shift:
    """Decide once by how many weeks the year is moved, for every run that follows. Raises NotForDemo."""
    known = find_shift()
    if known is not None:
        return known
    if members.count_members():
        raise NotForDemo(
            "There are members here already. The demonstration needs a data directory of its own: "
            "set REGULARS_DATA to an empty one."
        )
    shift = Shift.ending_before(local_date(now, ZONE))
    set_mark("calendar", {"weeks": shift.weeks}, now)
    return shift


def _publish_programme(shift: Shift, now: datetime) -> rules.Programme:
    """Put the programme in force from the first day on, in the place of what an installation began with."""
    text = resources.files("regulars.demo").joinpath("programme.toml").read_text("utf-8")
    start = start_of_week(0, shift)
    if find_mark("programme") is None:
        begun = [version.effective_from for version in rules.list_versions()]
        for instant in sorted({start, *begun, now}):
            rules.publish_programme(actor=ACTOR, now=now, text=text, note=NOTE, effective_from=instant)
        set_mark("programme", {}, now)
    return rules.get_programme_at(start)


def _save_rewards(shift: Shift, now: datetime) -> None:
    start = start_of_week(0, shift)
    for pool in POOLS:
        catalogue.save_pool(actor=ACTOR, now=start, code=pool.code, name=pool.name)
        catalogue.import_codes(actor=ACTOR, now=start, pool=pool.code, codes=make_codes(pool))
    for reward in list_rewards(now):
        catalogue.save_reward(actor=ACTOR, now=start, reward=reward)


def _renew_first_look(now: datetime) -> None:
    """At a later start the reward that Gold has first is about to open again; all else about it stays."""
    known, fresh = catalogue.get_reward(FIRST_LOOK).decided, make_first_look(now)
    if known.active_from is None or known.active_from <= now:
        renewed = replace(known, active_from=fresh.active_from, kept_until=fresh.kept_until)
        catalogue.save_reward(actor=ACTOR, now=now, reward=renewed)


def _save_products(dataset: Dataset, now: datetime) -> None:
    if find_mark("products") is not None:
        return
    products = dataset.read_products()
    for start in range(0, len(products), PRODUCTS_BATCH):
        catalogue.save_products(actor=ACTOR, now=now, batch=products[start : start + PRODUCTS_BATCH])
    set_mark("products", {"products": len(products)}, now)


def _load_weeks(dataset: Dataset, shares: Sequence[Share], total: int, on_progress: OnProgress) -> Loaded:
    """Week after week: while one is loaded, all shares at once, the next one is read."""
    sum_of: Loaded = Loaded()
    with _without_garbage_collection(), _hands(len(shares)) as hands:
        ahead: tuple[Week, list[Future[Loaded]]] | None = None
        for week in chain(dataset.read_weeks(), [None]):
            if ahead is not None:
                sum_of = _add(sum_of, _finish(*ahead, shares[0]))
                _report(sum_of, ahead[0], shares[0], total, on_progress)
                ahead = None
            if week is None:
                break
            mark = find_mark(f"week:{week.number}")
            if mark is None:
                futures = [
                    hand.submit(load_week, share, week) for hand, share in zip(hands, shares, strict=True)
                ]
                ahead = week, futures
            else:
                sum_of = _add(sum_of, _unpack(mark))
                for share in shares:
                    pass_week(share, week)
    return sum_of


def _finish(week: Week, futures: Sequence[Future[Loaded]], share: Share) -> Loaded:
    """Wait for all shares of a week, hand over its parcels, let lapse what came due, leave the mark."""
    loaded = _add(*(future.result() for future in futures))
    stretch = share.stretch(week.number)
    deliver_some(ACTOR, stretch)
    _expire(stretch.end)
    set_mark(f"week:{week.number}", _pack(loaded), stretch.end)
    if week.number in ANALYZE_AFTER:
        _analyze()
    gc.collect(0)
    return loaded


def _report(loaded: Loaded, week: Week, share: Share, total: int, on_progress: OnProgress) -> None:
    day = local_date(share.stretch(week.number).start, ZONE)
    on_progress(DemoProgress(loaded.lines, total, f"week {week.number + 1}, from {day:%d %b %Y}"))


@contextmanager
def _hands(count: int) -> Iterator[list[ThreadPoolExecutor]]:
    """So many threads, each with a connection of its own to the database, closed at the end."""
    with ExitStack() as stack:
        hands = [stack.enter_context(ThreadPoolExecutor(1, f"demo-{number}")) for number in range(count)]
        try:
            yield hands
        finally:
            for hand in hands:
                hand.submit(connections.close_all).result()


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """Look for cycles once a week of data instead of all the time: among millions of small values without any
    Python would spend more time searching than on all the rest."""
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()


def _expire(now: datetime) -> None:
    """What has come due lapses before what happened later is recorded, as in a year lived through."""
    while ledger.expire_due(now=now).more:
        pass


def _analyze() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def find_mark(step: str) -> Mapping[str, Any] | None:
    """What a step of loading left, or None where it was not done yet."""
    kept = trail.find_answer(scope=SCOPE, key=step, input_hash=MARK)
    return None if kept is None else json.loads(kept.body)


def set_mark(step: str, facts: Mapping[str, Any], now: datetime) -> None:
    """Note that a step of loading is done."""
    body = json.dumps(facts).encode()
    trail.store_answer(scope=SCOPE, key=step, input_hash=MARK, status=200, body=body, now=now)


def _pack(loaded: Loaded) -> dict[str, Any]:
    return {"orders": loaded.orders, "lines": loaded.lines, "simulated": dict(loaded.simulated or {})}


def _unpack(mark: Mapping[str, Any]) -> Loaded:
    return Loaded(mark.get("orders", 0), mark.get("lines", 0), mark.get("simulated", {}))


def _add(*parts: Loaded) -> Loaded:
    simulated: Counter[str] = Counter()
    for part in parts:
        simulated.update(part.simulated or {})
    return Loaded(sum(part.orders for part in parts), sum(part.lines for part in parts), simulated)
