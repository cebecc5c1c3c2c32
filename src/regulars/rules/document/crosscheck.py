"""Mistakes that only show when the parts of a programme are seen together."""

from datetime import datetime

from django.utils.translation import gettext as _

from regulars.kit.clock import end_of_day
from regulars.rules.document.positions import Path
from regulars.rules.document.rules import BASE_TYPES
from regulars.rules.document.table import Report, Table
from regulars.rules.hints import did_you_mean
from regulars.rules.types import EarnRule, Expiry, ExpiryKind, Metric, Programme, RuleType

Written = list[tuple[Table, EarnRule]]


def check_together(programme: Programme, written: Written, report: Report) -> None:
    """Note what cannot work: unknown tiers, matches that cannot hold, multipliers of nothing, idle tiers."""
    for table, rule in written:
        _check_audience(table, rule, programme)
        _check_excluded(table, rule, programme)
    _check_multipliers(written, programme)
    _check_reach(programme, report)


def _check_audience(table: Table, rule: EarnRule, programme: Programme) -> None:
    known = [tier.code for tier in programme.tiers.tiers]
    audience = table.table("audience") if rule.audience.tiers else None
    for code in sorted(rule.audience.tiers - set(known)):
        if audience is not None:
            hint = did_you_mean(code, known)
            audience.mistake(
                "tiers", _("names the tier %(code)s, which is not defined%(hint)s"), code=code, hint=hint
            )


def _check_excluded(table: Table, rule: EarnRule, programme: Programme) -> None:
    excluded, match = programme.excluded, rule.match
    pairs = (
        ("skus", match.skus, excluded.skus),
        ("brands", match.brands, excluded.brands),
        ("categories", match.categories, excluded.categories),
    )
    for key, wanted, refused in pairs:
        if wanted and wanted <= refused:
            table.mistake("match", _("can never hold: [excluded] names all of its %(key)s"), key=key)


def _check_multipliers(written: Written, programme: Programme) -> None:
    if any(rule.type in BASE_TYPES for rule in programme.rules):
        return
    for table, rule in written:
        if rule.type is RuleType.MULTIPLIER:
            table.mistake(
                "type", _("multiplies nothing: there is no rule of type per_amount or per_quantity")
            )


def _check_reach(programme: Programme, report: Report) -> None:
    tiers = programme.tiers
    reachable = any(rule.qualifying and rule.enabled for rule in programme.rules)
    if tiers.metric is Metric.POINTS and any(tier.threshold for tier in tiers.tiers) and not reachable:
        message = _('cannot be reached: no rule is qualifying; give one "qualifying = true"')
        report.add(("tiers",), "tiers", message)


def check_dates(programme: Programme, as_of: datetime, report: Report) -> None:
    """Note fixed expiry dates that are past when the programme begins: every point would lapse at once."""
    owners: list[tuple[Expiry, Path, str]] = [(programme.expiry, ("expiry", "on"), "expiry.on")]
    for position, rule in enumerate(programme.rules):
        if rule.expiry is not None and rule.enabled:
            owners.append((rule.expiry, ("earn", position, "expiry", "on"), f"earn[{rule.id}].expiry.on"))
    for expiry, path, field in owners:
        if expiry.kind is not ExpiryKind.FIXED_DATE or expiry.on is None:
            continue
        if end_of_day(expiry.on, programme.time_zone) <= as_of:
            message = _("is past when this programme begins: every point would lapse at once")
            report.add(path, field, message)
