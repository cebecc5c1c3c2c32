"""Status as a pure fold over qualifying amounts: nothing here reads a clock or a database.

The rules, in the programme's calendar:

- An amount counts from its instant until it leaves the window: with a rolling window at the end of the day
  that lies `window_months` later (clamped to the month's end), with a calendar window at the year's end.
- The tier *carried* is the highest whose threshold the window's sum reaches.
- Upgrade: at once, to the tier carried.
- An adjustment downwards is a negative amount: it lowers the sum until it leaves the window itself.
- Downgrade: from the first day on which the sum no longer carries the tier a grace of `grace_days` runs.
  If the tier is carried again before it is over, nothing happened; else the status falls one tier at that
  midnight, and the next grace begins. Without a grace it falls one tier a day.

Windows move only at midnight: within a day sums only grow, and their order matters only to `reached_at`.
"""

from bisect import bisect_right
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from regulars.kit.clock import add_months, local_date, start_of_day
from regulars.kit.ids import MemberId
from regulars.rules.facade import TierDefinition, TierPolicy
from regulars.tiers.errors import StandingNotCovered
from regulars.tiers.types import ChangeReason, Standing, TierChange

CALENDAR = "calendar"
ONE_DAY = timedelta(days=1)
LEAVING_MAX = 4096


@dataclass(frozen=True, slots=True)
class Scale:
    """The tiers of a programme as a ladder in its time zone."""

    policy: TierPolicy
    zone: ZoneInfo
    tiers: tuple[TierDefinition, ...]
    thresholds: tuple[int, ...]
    leaving: dict[date, date] = field(default_factory=dict, compare=False, repr=False)
    """The answers of `leaves_on`: a batch asks for the same few days again and again."""

    @classmethod
    def of(cls, policy: TierPolicy, zone: ZoneInfo) -> "Scale":
        """Order the tiers by rank."""
        tiers = tuple(sorted(policy.tiers, key=lambda tier: tier.rank))
        return cls(policy, zone, tiers, tuple(tier.threshold for tier in tiers))

    @property
    def floor(self) -> int:
        """The rank that everyone has: that of a tier that asks for nothing, or -1, which is none."""
        return self.carried_by(0)

    def carried_by(self, qualified: int) -> int:
        """The rank that a sum carries; -1 where it carries none."""
        return bisect_right(self.thresholds, qualified) - 1

    def threshold_of(self, rank: int) -> int:
        """What a rank asks for."""
        return self.thresholds[rank] if rank >= 0 else 0

    def code_of(self, rank: int) -> str:
        """The tier's code; empty where there is none."""
        return self.tiers[rank].code if rank >= 0 else ""

    def rank_of(self, code: str) -> int:
        """The rank of a code; that of everyone where the programme does not know it."""
        return next((rank for rank, tier in enumerate(self.tiers) if tier.code == code), self.floor)

    def leaves_on(self, day: date) -> date:
        """The first day on which an amount of `day` no longer counts."""
        found = self.leaving.get(day)
        if found is None:
            if len(self.leaving) >= LEAVING_MAX:
                self.leaving.clear()
            calendar = self.policy.window == CALENDAR
            found = date(day.year + 1, 1, 1) if calendar else self._leaves_rolling_on(day)
            self.leaving[day] = found
        return found

    def _leaves_rolling_on(self, day: date) -> date:
        return add_months(day, self.policy.window_months) + ONE_DAY

    def lapses_on(self, below_on: date) -> date:
        """The day at whose first instant the status falls, if the tier is below since `below_on`."""
        return below_on + timedelta(days=self.policy.grace_days)


class Course:
    """One member's status on its way through time: move it to a day, add to it, ask it."""

    __slots__ = (
        "as_of",
        "below_on",
        "changes",
        "complete",
        "member_id",
        "qualified",
        "rank",
        "reached_at",
        "scale",
        "window",
    )

    def __init__(self, scale: Scale, member_id: MemberId) -> None:
        self.scale = scale
        self.member_id = member_id
        self.rank = scale.floor
        self.reached_at: datetime | None = None
        self.qualified = 0
        self.as_of: datetime | None = None
        self.below_on: date | None = None
        self.window: deque[tuple[date, int]] = deque()
        self.complete = True
        """Whether the window is known amount by amount, or only as one sum dated by its oldest amount."""
        self.changes: list[TierChange] = []

    @classmethod
    def resume(cls, scale: Scale, standing: Standing) -> "Course":
        """Go on from a standing."""
        course = cls(scale, standing.member_id)
        course.rank = standing.rank
        course.reached_at = standing.reached_at
        course.qualified = standing.qualified
        course.as_of = standing.as_of
        course.below_on = standing.below_on
        course.changes = list(standing.changes)
        if standing.entries is not None:
            course.window.extend(standing.entries)
        elif standing.oldest_on is not None:
            course.complete = False
            course.window.append((standing.oldest_on, standing.qualified))
        return course

    def next_day(self) -> date | None:
        """The next day at whose beginning something happens by itself."""
        leave = self.scale.leaves_on(self.window[0][0]) if self.window else None
        lapse = self.scale.lapses_on(self.below_on) if self.below_on else None
        if leave is None or lapse is None:
            return leave or lapse
        return min(leave, lapse)

    def move_to_day(self, day: date) -> None:
        """Let happen what happens at the midnights up to the beginning of `day`."""
        while (at := self.next_day()) is not None and at <= day:
            self._pass_midnight(at)

    def move_to(self, instant: datetime) -> None:
        """Move to an instant; one that has passed changes nothing."""
        if self.as_of is None or instant > self.as_of:
            self.move_to_day(local_date(instant, self.scale.zone))
            self.as_of = instant

    def _pass_midnight(self, day: date) -> None:
        scale = self.scale
        while self.window and scale.leaves_on(self.window[0][0]) <= day:
            if not self.complete:
                raise StandingNotCovered(
                    f"the amounts of member {self.member_id} were not loaded up to {day}"
                )
            self.qualified -= self.window.popleft()[1]
        carried = scale.carried_by(self.qualified)
        if carried > self.rank:
            self._change(carried, start_of_day(day, scale.zone), ChangeReason.REACHED)
        if carried >= self.rank:
            self.below_on = None
        elif self.below_on is None:
            self.below_on = day
        if self.below_on is not None and scale.lapses_on(self.below_on) <= day:
            self._change(self.rank - 1, start_of_day(day, scale.zone), ChangeReason.LAPSED)
            still_below = carried < self.rank
            # Without a grace the next step waits for the next day, so that nobody falls two tiers at once.
            pause = ONE_DAY if scale.policy.grace_days == 0 else timedelta()
            self.below_on = day + pause if still_below else None

    def add(self, occurred_at: datetime, day: date, amount: int) -> None:
        """Count an amount on the day reached, or on an earlier day that is still in the window."""
        if not amount:
            return
        self.qualified += amount
        if not self.window or day >= self.window[-1][0]:
            self.window.append((day, amount))
        elif self.complete:
            self.window = deque(sorted((*self.window, (day, amount))))
        else:
            self.window = deque([(min(day, self.window[0][0]), self.qualified)])
        carried = self.scale.carried_by(self.qualified)
        if carried >= self.rank:
            self.below_on = None
        elif self.below_on is None:
            self.below_on = day + ONE_DAY  # taken away during the day: the next one is the first without
        if carried > self.rank:
            self._change(carried, occurred_at, ChangeReason.REACHED)

    def _change(self, rank: int, at: datetime, reason: ChangeReason) -> None:
        code = self.scale.code_of
        self.changes.append(TierChange(self.member_id, at, code(self.rank), code(rank), reason))
        self.rank = rank
        self.reached_at = at

    def stand(self, *, must_replay: bool = False) -> Standing:
        """The standing reached."""
        return Standing(
            member_id=self.member_id,
            tier=self.scale.code_of(self.rank),
            rank=self.rank,
            reached_at=self.reached_at,
            qualified=self.qualified,
            as_of=self.as_of,
            below_on=self.below_on,
            oldest_on=self.window[0][0] if self.window else None,
            entries=tuple(self.window) if self.complete else None,
            changes=tuple(self.changes),
            must_replay=must_replay,
        )


_latest: tuple[TierPolicy, ZoneInfo, Scale] | None = None


def scale_of(policy: TierPolicy, zone: ZoneInfo) -> Scale:
    """The ladder of a policy. The last one is kept: a batch asks for the same one every time."""
    global _latest  # noqa: PLW0603 (one reference, replaced whole: safe between threads)
    latest = _latest
    if latest is not None and latest[0] is policy and latest[1] is zone:
        return latest[2]
    scale = Scale.of(policy, zone)
    _latest = (policy, zone, scale)
    return scale


def begin(scale: Scale, member_id: MemberId) -> Standing:
    """The standing of a member of whom nothing is known: what everyone has, never reached."""
    return Course(scale, member_id).stand()


def advance(scale: Scale, standing: Standing, *, occurred_at: datetime, qualifying: int) -> Standing:
    """Move a standing to `occurred_at` and count `qualifying` (≥ 0).

    A late event counts too; where it may have changed what happened in between, the standing says
    `must_replay`, and its tier is the best that can be said until the ledger is asked.
    """
    if qualifying < 0:
        raise ValueError(
            "qualifying amounts are taken back by a reversal in the ledger, not by a negative amount"
        )
    day = local_date(occurred_at, scale.zone)
    in_order = standing.as_of is None or occurred_at >= standing.as_of
    if not happens_by(scale, standing, day):
        if not qualifying:
            return standing
        if in_order and scale.carried_by(standing.qualified + qualifying) == standing.rank:
            return _count(standing, occurred_at, day, qualifying)
    course = Course.resume(scale, standing)
    if in_order:
        course.move_to(occurred_at)
        course.add(occurred_at, day, qualifying)
        return course.stand(must_replay=standing.must_replay)
    reached = local_date(standing.as_of or occurred_at, scale.zone)
    if scale.leaves_on(day) > reached:
        course.add(occurred_at, day, qualifying)
    harmless = (
        day == reached and course.rank == standing.rank and _not_before(occurred_at, standing.reached_at)
    )
    return course.stand(must_replay=standing.must_replay or (qualifying > 0 and not harmless))


def _count(standing: Standing, occurred_at: datetime, day: date, qualifying: int) -> Standing:
    """The short way for what happens nearly always: one more amount, and the tier stays what it is."""
    entries = standing.entries
    return Standing(
        standing.member_id,
        standing.tier,
        standing.rank,
        standing.reached_at,
        standing.qualified + qualifying,
        occurred_at,
        None,
        standing.oldest_on or day,
        None if entries is None else (*entries, (day, qualifying)),
        standing.changes,
        standing.must_replay,
    )


def replay(
    scale: Scale, member_id: MemberId, entries: Iterable[tuple[datetime, int]], until: datetime | None
) -> Standing:
    """The standing that amounts, net of what was reversed, make by `until` or the last of them."""
    course = Course(scale, member_id)
    for occurred_at, amount in sorted(entries):
        course.move_to(occurred_at)
        course.add(occurred_at, local_date(occurred_at, scale.zone), amount)
    if until is not None:
        course.move_to(until)
    return course.stand()


def fill(scale: Scale, standing: Standing, entries: Iterable[tuple[datetime, int]]) -> Standing | None:
    """The standing with the amounts of its window known one by one; None where they do not make its sum."""
    if standing.as_of is None:
        return replace(standing, entries=())
    as_of_day = local_date(standing.as_of, scale.zone)
    days = ((local_date(occurred_at, scale.zone), amount) for occurred_at, amount in sorted(entries))
    window = tuple((day, amount) for day, amount in days if amount and scale.leaves_on(day) > as_of_day)
    if sum(amount for _, amount in window) != standing.qualified:
        return None
    return replace(standing, entries=window, oldest_on=window[0][0] if window else None)


def correct(standing: Standing, *, told: str, at: datetime) -> Standing:
    """A standing worked out again: its only news is how it differs from the tier that was on record."""
    if standing.tier == told:
        return replace(standing, changes=(), must_replay=False)
    change = TierChange(standing.member_id, at, told, standing.tier, ChangeReason.CORRECTED)
    return replace(standing, changes=(change,), must_replay=False)


def told_tier(standing: Standing) -> str:
    """The tier that was on record before the changes that the standing carries."""
    return standing.changes[0].from_tier if standing.changes else standing.tier


def falls_on(scale: Scale, standing: Standing) -> date | None:
    """When to look again: the first day on which the tier or its grace may change when nothing is earned."""
    if standing.rank <= scale.floor:
        return None
    if standing.below_on is not None:
        return scale.lapses_on(standing.below_on)
    if standing.entries is None:
        return scale.leaves_on(standing.oldest_on) if standing.oldest_on else None
    left = standing.qualified
    for day, amount in standing.entries:
        left -= amount
        if scale.carried_by(left) < standing.rank:
            return scale.leaves_on(day)
    return None


def happens_by(scale: Scale, standing: Standing, day: date) -> bool:
    """Whether something happens to a standing by itself up to `day`: an amount leaves, or a grace ends."""
    if standing.oldest_on is not None and scale.leaves_on(standing.oldest_on) <= day:
        return True
    return standing.below_on is not None and scale.lapses_on(standing.below_on) <= day


def is_covered(scale: Scale, standing: Standing, day: date) -> bool:
    """Whether the sum alone suffices to move to `day`: nothing leaves the window by then."""
    return (
        standing.entries is not None
        or standing.oldest_on is None
        or scale.leaves_on(standing.oldest_on) > day
    )


def _not_before(instant: datetime, other: datetime | None) -> bool:
    return other is None or instant >= other
