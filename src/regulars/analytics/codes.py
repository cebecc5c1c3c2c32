"""The words of analytics: measures, units, reasons, segments, findings. `wording.py` says them to people."""

from enum import StrEnum


class Unit(StrEnum):
    """What a value counts."""

    SHARE = "share"
    RATIO = "ratio"
    MONEY = "money"
    POINTS = "points"
    MEMBERS = "members"
    ORDERS = "orders"
    DAYS = "days"


class Unknown(StrEnum):
    """Why the data cannot tell."""

    NO_DATA = "no_data"
    """Nothing of the kind has happened yet."""
    NOBODY = "nobody"
    """The population is empty: a share of nobody is no share."""
    HISTORY_TOO_SHORT = "history_too_short"
    """The facts do not reach back as far as the measure looks."""
    TOO_FEW = "too_few"
    """Fewer members than the measure needs to mean anything."""
    NOT_REACHED = "not_reached"
    """Fewer than half have got there so far: the median lies ahead."""
    COST_UNKNOWN = "cost_unknown"
    """No product sold has a cost."""
    CURRENCIES_MIXED = "currencies_mixed"
    """Amounts in several currencies do not add up."""
    NO_REWARDS = "no_rewards"
    """No reward can be had now."""
    NO_TIERS = "no_tiers"
    """The programme has no tiers."""
    PROGRAMME_UNKNOWN = "programme_unknown"
    """Nobody handed the programme in."""
    NOT_COMPUTED = "not_computed"
    """It has not been worked out (yet)."""
    MODEL_UNFIT = "model_unfit"
    """The model does not hold on this shop's data."""


class Measure(StrEnum):
    """Codes of measures; docs/measures/<code>.md explains each."""

    MEMBERS_ACTIVE = "members_active"
    MEMBERS_NEW = "members_new"
    REPEAT_RATE = "repeat_rate"
    FREQUENCY = "frequency"
    CHURN_RATE = "churn_rate"
    RETENTION_RATE = "retention_rate"
    LAPSED = "lapsed"
    USAGE_INTERVAL = "usage_interval"
    SALES = "sales"
    BASKET_VALUE = "basket_value"
    MARGIN = "margin"
    SEGMENT = "segment"
    SEGMENT_MOVES = "segment_moves"
    RFM = "rfm"
    POINTS_ISSUED = "points_issued"
    POINTS_SPENT = "points_spent"
    POINTS_EXPIRED = "points_expired"
    OUTSTANDING_POINTS = "outstanding_points"
    REDEMPTION_RATE = "redemption_rate"
    BURN_RATE = "burn_rate"
    TIME_TO_REWARD = "time_to_reward"
    CAN_AFFORD = "can_afford"
    NEVER_REDEEMED = "never_redeemed"
    EXPIRING_UNSEEN = "expiring_unseen"
    TIER_MOVES = "tier_moves"
    RETENTION = "retention"
    VALUE = "value"
    VALUE_AT_RISK = "value_at_risk"
    CHURN_RISK = "churn_risk"
    LIABILITY = "liability"
    BREAKAGE = "breakage"
    LIFESTYLE = "lifestyle"


HEADLINES = (
    Measure.MEMBERS_ACTIVE,
    Measure.REPEAT_RATE,
    Measure.CHURN_RATE,
    Measure.BASKET_VALUE,
    Measure.REDEMPTION_RATE,
)
"""The five figures that matter, in the order of the front page."""


class Segment(StrEnum):
    """Named RFM segments, best first. `measures/segments.py` says which scores lead where."""

    CHAMPIONS = "champions"
    LOYAL = "loyal"
    POTENTIAL = "potential"
    NEW = "new"
    SLIPPING = "slipping"
    AT_RISK = "at_risk"
    OCCASIONAL = "occasional"
    LOST = "lost"


class ReportKind(StrEnum):
    """Which report."""

    OVERVIEW = "overview"
    RETENTION = "retention"
    VALUE = "value"
    POINTS = "points"
    CHECK_UP = "check_up"


class RetentionKind(StrEnum):
    """How a member is counted as retained at an age."""

    N_PERIOD = "n_period"
    """Bought in that stretch."""
    UNBOUNDED = "unbounded"
    """Bought in that stretch or any later one."""
    BRACKETS = "brackets"
    """Bought in a stretch of stated days, of unequal length."""


class FindingCode(StrEnum):
    """What a check-up can find; the names of each finding's figures stand beside."""

    REWARD_UNTAKEN = "reward_untaken"
    """rewards, days. Subjects: rewards (price_points, can_afford)."""
    REWARD_OUT_OF_REACH = "reward_out_of_reach"
    """rewards, of (rewards in all), days_min. Subjects: rewards (price_points, can_afford, days_to_earn)."""
    REWARD_GIVEN_AWAY = "reward_given_away"
    """rewards, days_max. Subjects: rewards (price_points, can_afford, days_to_earn)."""
    RULES_TOO_MANY = "rules_too_many"
    """rules, rules_max."""
    NEVER_REDEEMED = "never_redeemed"
    """members, able, share, price_points (of the cheapest reward). Members behind."""
    EXPIRING_UNSEEN = "expiring_unseen"
    """members, holders, points (of those members), weeks, silent_days. Members behind."""
    TIER_UNREACHED = "tier_unreached"
    """tiers, share_max. Subjects: tiers (members, share)."""
    SEGMENT_LEAVING = "segment_leaving"
    """segments, share_all. Subjects: segments (members, left, share). Members behind: of the largest."""
