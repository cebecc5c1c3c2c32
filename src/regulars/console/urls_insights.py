"""Addresses of insights."""

from django.urls import path

from regulars.console.views.insights import behind, brackets, lifestyles, pages

insights_urls = [
    path("insights/", pages.page, {"name": "overview"}, name="insights"),
    path("insights/retention/", pages.page, {"name": "retention"}, name="insights_retention"),
    path("insights/retention/brackets/", brackets.set_brackets, name="insights_brackets"),
    path("insights/value/", pages.page, {"name": "value"}, name="insights_value"),
    path("insights/points/", pages.page, {"name": "points"}, name="insights_points"),
    path("insights/check-up/", pages.page, {"name": "check-up"}, name="insights_check_up"),
    path("insights/lifestyles/", lifestyles.lifestyles, name="lifestyles"),
    path("insights/lifestyles.csv", lifestyles.lifestyles_csv, name="lifestyles_csv"),
    path("insights/lifestyles/name/", lifestyles.name_lifestyle, name="lifestyle_name"),
    path("insights/lifestyles/decide/", lifestyles.decide_learning, name="learning"),
    path("insights/copy/", pages.copy_now, name="insights_copy"),
    path("insights/members/", behind.members_behind, name="insights_members"),
    path("insights/members/make/", behind.ask_members, name="insights_members_ask"),
    path("insights/members.csv", behind.members_behind_csv, name="insights_members_csv"),
    path("insights/<slug:page>/make/", pages.ask, name="insights_ask"),
    path("insights/<slug:page>/<slug:name>.csv", pages.csv_file, name="insights_csv"),
]
