"""The words of analytics in the reader's language: measures, segments, what cannot be told, what a check-up
found.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from regulars.analytics.codes import FindingCode, Measure, Segment, Unknown
from regulars.analytics.types import Finding
from regulars.kit.shares import format_share

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


@dataclass(frozen=True, slots=True)
class MeasureWording:
    """What a measure is called, and how it is defined, in a sentence."""

    name: str
    definition: str


@dataclass(frozen=True, slots=True)
class FindingWording:
    """A finding in plain words: what is wrong, how that is known, what to do."""

    title: str
    evidence: str
    step: str


_MEASURES: dict[Measure, tuple["_StrPromise", "_StrPromise"]] = {
    Measure.MEMBERS_ACTIVE: (
        gettext_lazy("Active members"),
        gettext_lazy("Members with a purchase in the period."),
    ),
    Measure.MEMBERS_NEW: (
        gettext_lazy("New buyers"),
        gettext_lazy("Members whose first purchase ever is in the period."),
    ),
    Measure.REPEAT_RATE: (
        gettext_lazy("Repeat purchase rate"),
        gettext_lazy("Of the members who bought in the period, those who bought on two days or more."),
    ),
    Measure.FREQUENCY: (
        gettext_lazy("Purchase frequency"),
        gettext_lazy("Orders of the period for each member who bought in it."),
    ),
    Measure.RETENTION_RATE: (
        gettext_lazy("Retention rate"),
        gettext_lazy("Of the members who bought in the period before, those who bought in this one."),
    ),
    Measure.CHURN_RATE: (
        gettext_lazy("Churn rate"),
        gettext_lazy("Of the members who had not lapsed when the period began, those who had when it ended."),
    ),
    Measure.LAPSED: (
        gettext_lazy("Lapsed members"),
        gettext_lazy(
            "Members silent for longer than nineteen in twenty gaps between purchases at this shop."
        ),
    ),
    Measure.USAGE_INTERVAL: (
        gettext_lazy("Usage interval"),
        gettext_lazy("The median, over members, of each member's median gap between days of purchase."),
    ),
    Measure.SALES: (
        gettext_lazy("Sales to members"),
        gettext_lazy("Paid in the period less what came back in it."),
    ),
    Measure.BASKET_VALUE: (
        gettext_lazy("Basket value"),
        gettext_lazy("Paid for each order of the period, before returns."),
    ),
    Measure.MARGIN: (
        gettext_lazy("Margin"),
        gettext_lazy("What is left of sales after the cost of goods, over products whose cost is known."),
    ),
    Measure.SEGMENT: (
        gettext_lazy("RFM segment"),
        gettext_lazy("How lately, how often and for how much a member bought, in a word that holds steady."),
    ),
    Measure.SEGMENT_MOVES: (
        gettext_lazy("Moves between segments"),
        gettext_lazy("Members by segment when the period began and when it ended."),
    ),
    Measure.RFM: (
        gettext_lazy("RFM scores"),
        gettext_lazy("Fifths of members by recency, frequency and money: 5 is the best fifth."),
    ),
    Measure.POINTS_ISSUED: (
        gettext_lazy("Points issued"),
        gettext_lazy("Points earned or given in the period, less those taken back."),
    ),
    Measure.POINTS_SPENT: (
        gettext_lazy("Points spent"),
        gettext_lazy("Points taken for rewards in the period, less those given back."),
    ),
    Measure.POINTS_EXPIRED: (
        gettext_lazy("Points expired"),
        gettext_lazy("Points that lapsed unspent in the period."),
    ),
    Measure.OUTSTANDING_POINTS: (
        gettext_lazy("Outstanding points"),
        gettext_lazy("Points that members could spend at the end of the period."),
    ),
    Measure.REDEMPTION_RATE: (
        gettext_lazy("Redemption rate"),
        gettext_lazy(
            "Of the members who held points at some time in the period, those who took a reward in it."
        ),
    ),
    Measure.BURN_RATE: (
        gettext_lazy("Burn rate"),
        gettext_lazy("Points spent for each point issued in the period."),
    ),
    Measure.TIME_TO_REWARD: (
        gettext_lazy("Time to first reward"),
        gettext_lazy(
            "Days until half of the members who joined in the period had a reward; "
            "those still without one count too."
        ),
    ),
    Measure.CAN_AFFORD: (
        gettext_lazy("Can afford a reward"),
        gettext_lazy("Members with points enough for the cheapest reward that can be had now."),
    ),
    Measure.NEVER_REDEEMED: (
        gettext_lazy("Never redeemed"),
        gettext_lazy("Of the members who can afford a reward now, those who never took one."),
    ),
    Measure.EXPIRING_UNSEEN: (
        gettext_lazy("Points expiring unseen"),
        gettext_lazy(
            "Of the members whose points lapse within four weeks, those silent for longer than is usual."
        ),
    ),
    Measure.TIER_MOVES: (
        gettext_lazy("Moves between tiers"),
        gettext_lazy("Members by tier when the period began and when it ended."),
    ),
    Measure.RETENTION: (
        gettext_lazy("Retention by cohort"),
        gettext_lazy("Of the members who first bought in the same month, those who buy at each age."),
    ),
    Measure.VALUE: (
        gettext_lazy("Customer lifetime value"),
        gettext_lazy("What a member is expected to spend in the next 52 weeks."),
    ),
    Measure.VALUE_AT_RISK: (
        gettext_lazy("Value at risk"),
        gettext_lazy("Expected value times churn risk, over all members."),
    ),
    Measure.CHURN_RISK: (
        gettext_lazy("Churn risk"),
        gettext_lazy(
            "How likely a member is to buy nothing in the coming weeks; "
            "how many weeks follows from the shop's own interval."
        ),
    ),
    Measure.LIABILITY: (
        gettext_lazy("Points liability"),
        gettext_lazy("Points that members can still come to spend."),
    ),
    Measure.BREAKAGE: (gettext_lazy("Breakage"), gettext_lazy("Points issued that will never be spent.")),
    Measure.LIFESTYLE: (gettext_lazy("Lifestyle"), gettext_lazy("A theme in what members buy.")),
}

_SEGMENTS: dict[Segment, tuple["_StrPromise", "_StrPromise"]] = {
    Segment.CHAMPIONS: (
        pgettext_lazy("a segment of members", "Champions"),
        gettext_lazy("Buy lately, and more and oftener than seven in ten members."),
    ),
    Segment.LOYAL: (
        pgettext_lazy("a segment of members", "Loyal"),
        gettext_lazy("Buy lately, and more and oftener than four in ten members."),
    ),
    Segment.POTENTIAL: (
        pgettext_lazy("a segment of members", "Potential"),
        gettext_lazy("Buy seldom, but much at a time: room to come more often."),
    ),
    Segment.NEW: (
        pgettext_lazy("a segment of members", "New"),
        gettext_lazy("Bought for the first time a short while ago."),
    ),
    Segment.SLIPPING: (
        pgettext_lazy("a segment of members", "Slipping"),
        gettext_lazy("Good customers, silent for longer than four in five gaps."),
    ),
    Segment.AT_RISK: (
        pgettext_lazy("a segment of members", "At risk"),
        gettext_lazy("Were good customers, and have lapsed."),
    ),
    Segment.OCCASIONAL: (
        pgettext_lazy("a segment of members", "Occasional"),
        gettext_lazy("Buy now and then, and little."),
    ),
    Segment.LOST: (
        pgettext_lazy("a segment of members", "Lost"),
        gettext_lazy("Bought seldom, and have lapsed."),
    ),
}

_UNKNOWNS: dict[Unknown, "_StrPromise"] = {
    Unknown.NO_DATA: gettext_lazy("Nothing of the kind has happened yet."),
    Unknown.NOBODY: gettext_lazy("There is nobody in the period whom it could be about."),
    Unknown.HISTORY_TOO_SHORT: gettext_lazy("The data does not reach back far enough."),
    Unknown.TOO_FEW: gettext_lazy("There are too few members for it to mean anything."),
    Unknown.NOT_REACHED: gettext_lazy("Fewer than half have got there so far."),
    Unknown.COST_UNKNOWN: gettext_lazy(
        "No product that was sold has a cost. Import costs with the catalogue."
    ),
    Unknown.CURRENCIES_MIXED: gettext_lazy("Amounts in several currencies do not add up."),
    Unknown.NO_REWARDS: gettext_lazy("No reward can be had now."),
    Unknown.NO_TIERS: gettext_lazy("The programme has no tiers."),
    Unknown.PROGRAMME_UNKNOWN: gettext_lazy("No programme is in force."),
    Unknown.NOT_COMPUTED: gettext_lazy("It has not been worked out yet."),
    Unknown.MODEL_UNFIT: gettext_lazy("The model does not hold on this shop's data."),
}


def describe_measure(measure: Measure) -> MeasureWording:
    """A measure's name and definition."""
    name, definition = _MEASURES[measure]
    return MeasureWording(str(name), str(definition))


def describe_segment(segment: Segment) -> MeasureWording:
    """A named segment, and who is in it."""
    name, definition = _SEGMENTS[segment]
    return MeasureWording(str(name), str(definition))


def describe_unknown(reason: Unknown) -> str:
    """Why there is no value, in a sentence."""
    return str(_UNKNOWNS[reason])


def describe_finding(finding: Finding) -> FindingWording:
    """A finding in words. Names of its subjects are not in it: a page lists them below."""
    return _FINDINGS[finding.code](finding)


def _whole(finding: Finding, name: str) -> int:
    return int(finding.figures[name])


def _number(value: float | str) -> str:
    return number_format(value, use_l10n=True, force_grouping=True)


def _share(value: float | str) -> str:
    return format_share(float(value), 0 if float(value) >= 0.1 else 1)


def _say_untaken(finding: Finding) -> FindingWording:
    rewards = _whole(finding, "rewards")
    return FindingWording(
        ngettext("Nobody takes %(n)d reward", "Nobody takes %(n)d rewards", rewards) % {"n": rewards},
        _("Members could afford them, and in %(days)s days nobody did.")
        % {"days": _number(finding.figures["days"])},
        _("Ask members what they would rather have, show these rewards better, or take them off the shelf."),
    )


def _say_out_of_reach(finding: Finding) -> FindingWording:
    rewards = _whole(finding, "rewards")
    return FindingWording(
        ngettext("%(n)d reward is out of reach", "%(n)d rewards are out of reach", rewards) % {"n": rewards},
        _(
            "At the pace at which members earn, saving for one takes longer than %(days)s "
            "days. There are %(of)s in all."
        )
        % {"days": _number(finding.figures["days_min"]), "of": _number(finding.figures["of"])},
        _("Lower the price, or offer something smaller that members reach within weeks."),
    )


def _say_given_away(finding: Finding) -> FindingWording:
    rewards = _whole(finding, "rewards")
    return FindingWording(
        ngettext("%(n)d reward is given away", "%(n)d rewards are given away", rewards) % {"n": rewards},
        _("Ordinary purchases of %(days)s days pay for one. There are %(of)s in all.")
        % {"days": _number(finding.figures["days_max"]), "of": _number(finding.figures["of"])},
        _("Raise the price, or limit how many a member may have: what costs nothing changes nothing."),
    )


def _say_many_rules(finding: Finding) -> FindingWording:
    rules = _whole(finding, "rules")
    return FindingWording(
        ngettext("%(n)d rule is hard to explain", "%(n)d rules are hard to explain", rules) % {"n": rules},
        _("More than %(max)s rules nobody at the till can say in a breath.")
        % {"max": _number(finding.figures["rules_max"])},
        _("Join rules that differ little, and end those that few members meet."),
    )


def _say_never_redeemed(finding: Finding) -> FindingWording:
    members = _whole(finding, "members")
    figures = {
        "n": _number(members),
        "able": _number(finding.figures["able"]),
        "share": _share(finding.figures["share"]),
        "price": _number(finding.figures["price_points"]),
    }
    return FindingWording(
        ngettext(
            "%(n)s member could have a reward and never took one",
            "%(n)s members could have a reward and never took one",
            members,
        )
        % figures,
        _("That is %(share)s of the %(able)s members who have the %(price)s points for the cheapest reward.")
        % figures,
        _("Tell them what they can have now: by e-mail, on the receipt, at the till."),
    )


def _say_expiring_unseen(finding: Finding) -> FindingWording:
    members = _whole(finding, "members")
    figures = {
        "n": _number(members),
        "holders": _number(finding.figures["holders"]),
        "points": _number(finding.figures["points"]),
        "weeks": _number(finding.figures["weeks"]),
        "days": _number(finding.figures["silent_days"]),
    }
    return FindingWording(
        ngettext(
            "Points of %(n)s member will lapse unseen", "Points of %(n)s members will lapse unseen", members
        )
        % figures,
        _(
            "Within %(weeks)s weeks %(points)s points of %(holders)s members lapse; these "
            "members have not come "
            "for more than %(days)s days."
        )
        % figures,
        _("Remind them before the day, with a reward that these points pay for."),
    )


def _say_unreached_tiers(finding: Finding) -> FindingWording:
    tiers = _whole(finding, "tiers")
    return FindingWording(
        ngettext("Hardly anybody reaches %(n)d tier", "Hardly anybody reaches %(n)d tiers", tiers)
        % {"n": tiers},
        _("Fewer than %(share)s of members have it.") % {"share": _share(finding.figures["share_max"])},
        _("Lower the threshold to where the best members are, or leave the tier out."),
    )


def _say_leaving(finding: Finding) -> FindingWording:
    segments = _whole(finding, "segments")
    return FindingWording(
        ngettext("%(n)d segment is leaving", "%(n)d segments are leaving", segments) % {"n": segments},
        ngettext(
            "%(members)s member of it has lapsed in the period; over all segments it is %(share)s.",
            "%(members)s members of it have lapsed in the period; over all segments it is %(share)s.",
            finding.members or 0,
        )
        % {"members": _number(finding.members or 0), "share": _share(finding.figures["share_all"])},
        _("Look at the members behind, and win back those who were worth most."),
    )


_FINDINGS = {
    FindingCode.REWARD_UNTAKEN: _say_untaken,
    FindingCode.REWARD_OUT_OF_REACH: _say_out_of_reach,
    FindingCode.REWARD_GIVEN_AWAY: _say_given_away,
    FindingCode.RULES_TOO_MANY: _say_many_rules,
    FindingCode.NEVER_REDEEMED: _say_never_redeemed,
    FindingCode.EXPIRING_UNSEEN: _say_expiring_unseen,
    FindingCode.TIER_UNREACHED: _say_unreached_tiers,
    FindingCode.SEGMENT_LEAVING: _say_leaving,
}
