"""What was learnt at the last refresh, and what the shop has decided of it."""

from typing import Any

from regulars.analytics.codes import Unknown
from regulars.analytics.lifestyles.sensitive import DEFAULT_PATTERNS, compile_patterns, is_sensitive
from regulars.analytics.models import LearningRun, LearningSetting, LifestyleTheme, RetentionSetting
from regulars.analytics.types import Forecast, LearningSettings, Learnt, Lifestyle, Topic
from regulars.kit.shapes import shape_of

SETTING_SQL = """
SELECT json_build_array(keeps_sensitive_out, sensitive_patterns) FROM analytics_learning_setting WHERE id = 1
"""
"""For a room that asks on every visit: within a statement of its own; `read_setting` reads the answer."""

FORECASTS = tuple[Forecast, ...]


def get_learning_settings() -> LearningSettings:
    """What the shop has decided, or the defaults: sensitive categories are kept out. One query."""
    row = LearningSetting.objects.filter(pk=1).first()
    if row is None:
        return LearningSettings(keeps_sensitive_out=True, sensitive_patterns=DEFAULT_PATTERNS)
    return LearningSettings(row.keeps_sensitive_out, tuple(row.sensitive_patterns), row.risk_horizon_weeks)


def read_setting(told: Any) -> LearningSettings:
    """What `SETTING_SQL` found, or the defaults where it found nothing."""
    if told is None:
        return LearningSettings(keeps_sensitive_out=True, sensitive_patterns=DEFAULT_PATTERNS)
    return LearningSettings(told[0], tuple(told[1]))


def is_kept_out(categories: tuple[str, ...], settings: LearningSettings) -> bool:
    """Whether a product of these categories must enter no inference, whoever makes it."""
    return settings.keeps_sensitive_out and is_sensitive(
        categories, compile_patterns(settings.sensitive_patterns)
    )


def find_bracket_days() -> tuple[int, ...] | None:
    """Days where the shop's brackets of retention begin, and the day after the last; None: the usual ones.

    One query.
    """
    row = RetentionSetting.objects.filter(pk=1).first()
    return None if row is None else tuple(row.brackets)


def list_lifestyles() -> tuple[Lifestyle, ...]:
    """The present lifestyles, that of most members first. One query."""
    return tuple(_read(row) for row in LifestyleTheme.objects.filter(rank__isnull=False).order_by("rank"))


def list_learnt() -> tuple[Learnt, ...]:
    """What each model learnt at the last refresh, and how well it did on the past. One query."""
    return tuple(
        Learnt(
            Topic(row.topic),
            row.as_of,
            row.made_at,
            row.seconds,
            row.method,
            row.reason,
            row.figures,
            Unknown(row.unknown) if row.unknown else None,
            row.failure,
        )
        for row in LearningRun.objects.order_by("topic")
    )


def list_forecasts() -> tuple[Forecast, ...]:
    """Liability and breakage as last foretold; none before the first refresh. One query."""
    row = LearningRun.objects.filter(pk=Topic.FORECAST.value, payload__isnull=False).first()
    return () if row is None else shape_of(FORECASTS).validate_python(row.payload)


def write_forecasts(forecasts: tuple[Forecast, ...]) -> Any:
    """Forecasts as JSON-ready values, which `list_forecasts` reads back."""
    return shape_of(FORECASTS).dump_python(forecasts, mode="json")


def _read(row: LifestyleTheme) -> Lifestyle:
    categories = tuple((name, weight) for name, weight in row.categories)
    return Lifestyle(row.code, row.given_name or row.name, row.name, categories, row.members)
