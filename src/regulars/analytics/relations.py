"""What may be asked of the measures: what the last refresh found of each member and of the shop."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from regulars.analytics.codes import Segment
from regulars.kit.relations import Declaration, ShopValue, Stamp, Trait, Unit, ValueKind

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

MEASURES = "analytics.measures"
_SOURCE = ("analytics_member_measure measure", "measure.member_id")
# Out of the latest overview, which has them of the whole shop.
_OF_INTERVAL = """
SELECT payload #>> '{{interval,{name}}}' FROM analytics_report
WHERE kind = 'overview' AND made_at IS NOT NULL AND payload #>> '{{interval,{name}}}' IS NOT NULL
ORDER BY made_at DESC LIMIT 1
"""
_LAPSED_AFTER = _OF_INTERVAL.format(name="lapsed_after_days")
_USUAL_GAP = _OF_INTERVAL.format(name="median_days")


def _measure(
    name: str,
    label: "_StrOrPromise",
    kind: ValueKind,
    sql: str,
    unit: Unit = Unit.PLAIN,
    *,
    choices: tuple[str, ...] = (),
) -> Trait:
    return Trait(
        f"measure.{name}",
        label,
        kind,
        sql,
        *_SOURCE,
        unit,
        choices=tuple((choice, choice) for choice in choices),
        stamps=(MEASURES,),
    )


_LIFESTYLES = """
(SELECT array_agg(style ->> 'code') FROM jsonb_array_elements(measure.lifestyles) style)
"""
RELATIONS = Declaration(
    traits=(
        _measure("rfm_cell", _("RFM cell"), ValueKind.TEXT, "nullif(measure.rfm_cell, '')"),
        _measure("r_score", _("recency score (1 to 5)"), ValueKind.NUMBER, "measure.r_score"),
        _measure("f_score", _("frequency score (1 to 5)"), ValueKind.NUMBER, "measure.f_score"),
        _measure("m_score", _("money score (1 to 5)"), ValueKind.NUMBER, "measure.m_score"),
        _measure(
            "named_segment",
            _("RFM segment"),
            ValueKind.TEXT,
            "nullif(measure.segment, '')",
            choices=tuple(segment.value for segment in Segment),
        ),
        _measure("value", _("value in the next year"), ValueKind.NUMBER, "measure.value_minor", Unit.MONEY),
        _measure("churn_risk", _("churn risk (0 to 1)"), ValueKind.NUMBER, "measure.risk", Unit.SHARE),
        _measure(
            "usage_interval_days",
            _("the member's own usual gap between purchases"),
            ValueKind.NUMBER,
            "measure.usage_interval_days",
            Unit.DAYS,
        ),
        _measure("lifestyle", _("lifestyle"), ValueKind.TEXTS, _LIFESTYLES.strip()),
    ),
    stamps=(
        Stamp(
            MEASURES,
            "SELECT concat((SELECT max(as_of) FROM analytics_member_measure), ' ',"
            " (SELECT max(made_at) FROM analytics_report WHERE kind = 'overview'))",
        ),
    ),
    shop_values=(
        ShopValue(
            "lapsed_after_days",
            _("the silence after which a member of this shop counts as lapsed"),
            _LAPSED_AFTER,
            Unit.DAYS,
            (MEASURES,),
        ),
        ShopValue(
            "usual_gap_days",
            _("the usual gap between purchases in this shop"),
            _USUAL_GAP,
            Unit.DAYS,
            (MEASURES,),
        ),
    ),
)
