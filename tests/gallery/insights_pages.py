"""The console's pages of insights, on the real year."""

from tests.gallery.office_pages import wait_for_report
from tests.gallery.shots import Group, Shot, Who

INSIGHTS = Group(
    "console-insights",
    "The console: insights",
    "Who comes back, who is leaving, what members are worth, what points do: down to each member.",
    Who.OPERATOR,
    (
        Shot(
            "overview",
            "console:insights",
            "/console/insights/?period=84d",
            "The five numbers that matter, below what asks for attention",
            act=wait_for_report,
        ),
        Shot(
            "retention",
            "console:insights_retention",
            "/console/insights/retention/?period=365d",
            "Cohorts that come back; hatched where not everybody is that old yet",
            act=wait_for_report,
            look_at="#cohorts",
        ),
        Shot(
            "value",
            "console:insights_value",
            "/console/insights/value/?period=84d",
            "What members are worth, and how much of it is at risk",
            act=wait_for_report,
        ),
        Shot(
            "points",
            "console:insights_points",
            "/console/insights/points/?period=all",
            "Points issued, spent and expired, and what is foreseen",
            act=wait_for_report,
        ),
        Shot(
            "check-up",
            "console:insights_check_up",
            "/console/insights/check-up/?period=84d",
            "The check-up: findings with their evidence and a step that may help",
            act=wait_for_report,
            minor=True,
        ),
        Shot(
            "lifestyles",
            "console:lifestyles",
            "/console/insights/lifestyles/",
            "Themes in what members buy, named by the marketer, without what is sensitive",
            minor=True,
        ),
        Shot(
            "members",
            "console:insights_members",
            "/console/insights/members/?measure=segment&key=slipping&first=2026-01-01&last=2026-12-31",
            "The members behind a number",
            minor=True,
        ),
    ),
)
INSIGHTS_GROUPS = (INSIGHTS,)
