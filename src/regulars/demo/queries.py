"""What the demonstration shows of itself: totals that agree with the ledger, and whom to sign in as."""

import hashlib
import hmac
from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext as _

from regulars.catalogue import facade as catalogue
from regulars.demo import operations
from regulars.demo.calendar import FIRST_DAY, LAST_DAY, Shift
from regulars.demo.own_hand import ACTOR
from regulars.demo.people import external_id_of
from regulars.demo.types import DemoReport, DemoTotals, SignIn
from regulars.identity import facade as identity
from regulars.kit.ids import MemberId
from regulars.ledger import facade as ledger
from regulars.members import facade as members
from regulars.rules import facade as rules
from regulars.tiers import facade as tiers

OPERATOR_EMAIL = "owner@example.com"
OPERATOR_NAME = "Sam Owner"
EXAMPLES_LOOKED_AT = 300
EXPIRING_DAYS = 30
EXPIRING_POINTS = 20
NEAR_POINTS = 250


def get_report(*, now: datetime, fresh: bool) -> DemoReport:
    """The demonstration as it is now."""
    shift = operations.find_shift() or Shift(0)
    return DemoReport(
        fresh=fresh,
        first_day=shift.move_day(FIRST_DAY),
        last_day=shift.move_day(LAST_DAY),
        weeks_moved=shift.weeks,
        totals=get_totals(now),
        operator=SignIn(OPERATOR_NAME, OPERATOR_EMAIL, _("the console, as its owner"), operator_password()),
        members=tuple(list_examples(now)),
    )


def get_totals(now: datetime) -> DemoTotals:
    """Sums: of points and tiers as they are, of orders as they were loaded."""
    points = ledger.get_totals(now)
    loaded = operations.find_loaded()
    viewer = catalogue.Viewer(now=now)
    return DemoTotals(
        members=members.count_members(),
        orders=loaded.orders,
        lines=loaded.lines,
        products=catalogue.count_products(),
        rewards=len(catalogue.list_rewards(viewer=viewer, size=100).items),
        points_issued=points.issued,
        points_spent=points.spent,
        points_given_back=points.refunded,
        points_expired=points.expired,
        points_outstanding=points.outstanding,
        adds_up=points.adds_up,
        members_by_tier=_count_tiers(now),
        simulated=loaded.simulated or {},
    )


def _count_tiers(now: datetime) -> dict[str, int]:
    """Members by the name of their tier, from the lowest; who was never seen stands at the lowest."""
    stored = tiers.count_members_by_tier()
    ladder = sorted(rules.get_current_programme(now).tiers.tiers, key=lambda tier: tier.rank)
    counts = {tier.name: stored.get(tier.code, 0) for tier in ladder}
    if ladder:
        counts[ladder[0].name] += members.count_members() - sum(counts.values())
    return counts


def operator_password() -> str:
    """The demonstration operator's password: the same at each start, another one in each data directory."""
    digest = hmac.new(settings.SECRET_KEY.encode(), b"regulars demo operator", hashlib.sha256).hexdigest()
    return f"{digest[:4]}-{digest[4:8]}-{digest[8:12]}"


def is_loaded() -> bool:
    """Whether everything has been loaded."""
    return operations.find_mark("done") is not None


def ensure_operator(now: datetime) -> None:
    """Let the demonstration's operator in, once."""
    if identity.find_operator(OPERATOR_EMAIL) is None:
        identity.create_operator(
            actor=ACTOR,
            now=now,
            email=OPERATOR_EMAIL,
            password=operator_password(),
            role=identity.Role.OWNER,
            name=OPERATOR_NAME,
        )


def list_examples(now: datetime) -> Iterator[SignIn]:
    """Members worth being: of the highest tier, close to the next one, with points about to lapse."""
    programme = rules.get_current_programme(now)
    ids = members.find_member_ids(external_id_of(number) for number in range(1, EXAMPLES_LOOKED_AT))
    balances = ledger.get_balances(list(ids.values()), now)
    richest_first = sorted(ids.values(), key=lambda member_id: (-balances[member_id].active, member_id))
    told: set[str] = set()
    for member_id in richest_first[: EXAMPLES_LOOKED_AT // 3]:
        progress = tiers.get_progress(member_id, programme, now)
        if progress is None:
            return
        for kind, note in _list_notes(member_id, progress, now).items():
            if kind not in told:
                told.add(kind)
                yield _introduce(member_id, progress, balances[member_id].active, note)
                break


def _list_notes(member_id: MemberId, progress: tiers.TierProgress, now: datetime) -> dict[str, str]:
    """What makes a member worth a look, by kind."""
    notes = {}
    if progress.next_tier is None:
        notes["top"] = _("has reached the highest tier")
    elif 0 < progress.needed <= NEAR_POINTS:
        notes["near"] = _("%(points)d points to %(tier)s") % {
            "points": progress.needed,
            "tier": progress.next_tier_name,
        }
    expiring = sum(points for _at, points in ledger.list_expiring(member_id, now, EXPIRING_DAYS))
    if expiring >= EXPIRING_POINTS:
        notes["expiring"] = _("%(points)d points lapse within %(days)d days") % {
            "points": expiring,
            "days": EXPIRING_DAYS,
        }
    return notes


def _introduce(member_id: MemberId, progress: tiers.TierProgress, points: int, note: str) -> SignIn:
    profile = members.get_member(member_id)
    words = {"tier": progress.tier_name, "points": points, "note": note}
    return SignIn(profile.name, profile.email or "", _("%(tier)s, %(points)d points; %(note)s") % words)
