"""Loading the demonstration. Each step leaves a mark: a run that was killed goes on where it was."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from importlib import resources
from typing import Any

from django.db import connection

from regulars.catalogue import facade as catalogue
from regulars.demo import simulation
from regulars.demo.calendar import FIRST_DAY, WEEK, WEEKS, ZONE, Shift, start_of_week
from regulars.demo.dataset import Dataset
from regulars.demo.errors import NotForDemo
from regulars.demo.hands import SHARES, Hand, raise_hands
from regulars.demo.messages import Task
from regulars.demo.own_hand import ACTOR
from regulars.demo.redeeming import deliver_some
from regulars.demo.rewards import FIRST_LOOK, POOLS, list_rewards, make_codes, make_first_look
from regulars.demo.simulation import Stretch
from regulars.demo.types import DemoProgress, Loaded, OnProgress
from regulars.demo.weeks import stretch_of
from regulars.kit.clock import local_date
from regulars.kit.fingerprint import fingerprint
from regulars.ledger import facade as ledger
from regulars.members import facade as members
from regulars.recommend import facade as recommend
from regulars.rules import facade as rules
from regulars.trail import facade as trail

SCOPE = "demo"
MARK = fingerprint(["regulars", "demo"])
NOTE = "The programme of the demonstration."
ADDRESS = ("NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS")
"""What of the settings tells a second process which database it is about."""
UNSUITABLE = (
    "Fuel",
    "Bottle Deposits",
    "Coupons & Services",
    "Postal Services",
    "Store Supplies",
    "Donations",
    "Various",
)
"""Categories that are sold and not recommended; of the last the data know no names."""
ANALYZE_AFTER = frozenset({0, 3, 12})
"""Weeks after which the planner is told anew how large tables are: they grow from nothing."""


def load(*, now: datetime, on_progress: OnProgress) -> bool:
    """Load what is not loaded yet; True where something was. Raises DatasetMissing, NotForDemo."""
    done = find_mark("done")
    if done is not None:
        _renew_first_look(now)
        _mark_unsuitable(now)
        return False
    dataset = Dataset()
    shift = _settle_calendar(now)
    total = dataset.count_rows()
    on_progress(DemoProgress(0, total, "programme and rewards"))
    programme = _publish_programme(shift, now)
    _save_rewards(shift, now)
    tasks = [_make_task(number, dataset, shift, programme, now) for number in range(SHARES)]
    with raise_hands(tasks) as hands:
        on_progress(DemoProgress(0, total, "products"))
        _save_products(dataset, start_of_week(0, shift))
        _mark_unsuitable(start_of_week(0, shift))
        loaded = Loaded()
        for number in range(WEEKS):
            loaded = _add(loaded, _load_week(hands, stretch_of(number, shift, now)))
            day = shift.move_day(FIRST_DAY + number * WEEK)
            on_progress(DemoProgress(loaded.lines, total, f"week {number + 1}, from {day:%d %b %Y}"))
    _expire(now)
    _analyze()
    set_mark("done", _pack(loaded), now)
    return True


def _make_task(
    number: int, dataset: Dataset, shift: Shift, programme: rules.Programme, now: datetime
) -> Task:
    return Task(
        number=number,
        of=SHARES,
        folder=dataset.folder,
        weeks_moved=shift.weeks,
        currency=programme.currency,
        now=now,
        redemptions_a_week=simulation.REDEMPTIONS_A_WEEK,
        database={name: connection.settings_dict[name] for name in ADDRESS},
    )


def _load_week(hands: Sequence[Hand], stretch: Stretch) -> Loaded:
    """All shares of a week at once; then its parcels are handed over, and what was due by its end lapses."""
    mark = find_mark(f"week:{stretch.number}")
    for hand in hands:
        hand.begin(known=mark is not None)
    loaded = _add(*[hand.finish() for hand in hands])
    if mark is not None:
        return _unpack(mark)
    deliver_some(ACTOR, stretch)
    _expire(stretch.end)
    set_mark(f"week:{stretch.number}", _pack(loaded), stretch.end)
    if stretch.number in ANALYZE_AFTER:
        _analyze()
    return loaded


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
    for batch in dataset.read_products():
        catalogue.save_products(actor=ACTOR, now=now, batch=batch)
    set_mark("products", {}, now)


def _mark_unsuitable(now: datetime) -> None:
    """Nobody wants fuel or a deposit recommended, though both are bought most often."""
    if find_mark("unsuitable") is not None:
        return
    for category in UNSUITABLE:
        # A part of the data may have none of it.
        with suppress(recommend.MarkInvalid):
            recommend.set_mark(
                actor=ACTOR,
                now=now,
                kind=recommend.MarkKind.UNSUITABLE,
                subject=recommend.MarkSubject.CATEGORY,
                value=category,
                note="Bought by itself, not for being shown.",
            )
    set_mark("unsuitable", {}, now)


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
