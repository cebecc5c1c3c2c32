"""What may be asked of redemption: rewards taken, and how near the next one is."""

from django.utils.translation import gettext_lazy as _

from regulars.catalogue.facade import ON_OFFER, REWARDS_STAMP, STOCK_STAMP
from regulars.kit.relations import Column, Declaration, Relation, Trait, Unit, ValueKind, Watch
from regulars.ledger.facade import JOURNAL_WATCH, Currency
from regulars.redemption.types import RedemptionState

REDEMPTIONS = "redemption.redemptions"
# The cheapest reward on offer that the balance does not reach: a probe of the index by price for each wallet.
_NEXT = f"""
(SELECT wallet.member_id, dearer.price_points - wallet.balance AS missing FROM ledger_wallet wallet
 CROSS JOIN LATERAL (
    SELECT r.price_points FROM catalogue_reward r
    WHERE r.price_points > wallet.balance AND r.tiers_allowed = '{{}}' AND {ON_OFFER}
        AND (r.active_from IS NULL OR (r.active_from AT TIME ZONE %(zone)s)::date <= %(today)s::date)
        AND (r.active_to IS NULL OR (r.active_to AT TIME ZONE %(zone)s)::date > %(today)s::date)
    ORDER BY r.price_points LIMIT 1
 ) dearer WHERE wallet.currency = '{Currency.POINTS.value}') nearest
"""  # noqa: S608 (a constant)

RELATIONS = Declaration(
    relations=(
        Relation(
            "redemptions",
            _("rewards taken"),
            "redemption_redemption d",
            "d.member_id",
            "d.reserved_at",
            (
                Column("points", ValueKind.NUMBER, "d.price_points", _("points"), unit=Unit.POINTS),
                Column("units", ValueKind.NUMBER, "d.units", _("units")),
                Column(
                    "reward",
                    ValueKind.TEXT,
                    "reward.code",
                    _("reward"),
                    "JOIN catalogue_reward reward ON reward.id = d.reward_id",
                ),
            ),
            where=f"d.state <> '{RedemptionState.CANCELLED.value}'",
            watches=(REDEMPTIONS,),
        ),
    ),
    traits=(
        Trait(
            "reward.points_to_next",
            _("points missing for the next reward"),
            ValueKind.NUMBER,
            "nearest.missing",
            _NEXT,
            "nearest.member_id",
            Unit.POINTS,
            watches=(JOURNAL_WATCH,),
            stamps=(REWARDS_STAMP, STOCK_STAMP),
            is_daily=True,
        ),
    ),
    watches=(
        Watch(
            REDEMPTIONS,
            "SELECT member_id, id::text FROM redemption_redemptionchange WHERE id > %(above)s",
            "SELECT coalesce(max(id), 0) FROM redemption_redemptionchange",
        ),
    ),
)
