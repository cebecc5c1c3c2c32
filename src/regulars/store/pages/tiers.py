"""Status: what each step gives, where the member stands, what keeps them there, how they got there."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from regulars.rules import facade as rules
from regulars.store.pages.programme import TierView, describe_programme, format_metric
from regulars.store.visits import MemberVisit
from regulars.tiers import facade as tiers

CHANGES_SHOWN = 10


@dataclass(frozen=True, slots=True)
class TierStep:
    """One step of the ladder. `reached` where the member stands on it or above."""

    view: TierView
    here: bool
    reached: bool
    next: bool


@dataclass(frozen=True, slots=True)
class ChangeView:
    """One change of status in words."""

    occurred_at: datetime
    icon: str
    title: str
    reason: str


@dataclass(frozen=True, slots=True)
class TiersPage:
    """All about status. `tier` is None for a stranger, and where the programme has no tiers."""

    tier: tiers.TierProgress | None
    have: str
    needed: str
    needed_to_keep: str
    next_at: str
    what_counts: str
    steps: tuple[TierStep, ...]
    note: str
    changes: tuple[ChangeView, ...]


def load_tiers(visit: MemberVisit) -> TiersPage:
    """The status page of one member; the number of queries does not depend on what has happened."""
    programme = visit.programme
    progress = tiers.get_progress(visit.member_id, programme, visit.now)
    changes = tiers.list_tier_changes(visit.member_id, size=CHANGES_SHOWN).items
    described = describe_programme(programme)
    rank = progress.rank if progress else -1
    return TiersPage(
        tier=progress,
        have=format_metric(progress.qualified, programme) if progress else "",
        needed=format_metric(progress.needed, programme) if progress else "",
        needed_to_keep=(
            format_metric(progress.needed_to_keep, programme) if progress and progress.needed_to_keep else ""
        ),
        next_at=format_metric(progress.next_threshold, programme)
        if progress and progress.next_threshold is not None
        else "",
        what_counts=_say_what_counts(programme),
        steps=tuple(
            TierStep(view, view.rank == rank, view.rank <= rank, view.rank == rank + 1)
            for view in described.tiers
        ),
        note=described.tier_note,
        changes=tuple(_tell(change, programme) for change in changes),
    )


def _say_what_counts(programme: rules.Programme) -> str:
    metric = programme.tiers.metric
    if metric is rules.Metric.SPEND:
        return _("What counts is what you buy, less what you return. Spending points takes nothing away.")
    if metric is rules.Metric.VISITS:
        return _("What counts is how often you come. Spending points takes nothing away.")
    return _("What counts are the points you earn. Spending them takes nothing away, nor do they lapse here.")


def _tell(change: tiers.TierChange, programme: rules.Programme) -> ChangeView:
    old, new = programme.find_tier(change.from_tier), programme.find_tier(change.to_tier)
    up = new is not None and (old is None or new.rank > old.rank)
    name = new.name if new is not None else change.to_tier
    reason = {
        tiers.ChangeReason.REACHED: _("You had what it takes."),
        tiers.ChangeReason.LAPSED: _("What counted had become too little."),
        tiers.ChangeReason.CORRECTED: _("Something was returned or set right, or the steps were drawn anew."),
    }[change.reason]
    title = _("Up to %(tier)s") if up else _("Down to %(tier)s")
    if not name:
        return ChangeView(change.occurred_at, "undo-2", _("No status"), reason)
    return ChangeView(change.occurred_at, "crown" if up else "undo-2", title % {"tier": name}, reason)
