"""Addresses of the console."""

from django.urls import path

from regulars.console.views import (
    brand,
    corrections,
    entries,
    keys,
    members,
    programme,
    sign_in,
    team,
    trail,
)

app_name = "console"
urlpatterns = [
    path("", members.search, name="members"),
    path("sign-in/", sign_in.sign_in, name="sign_in"),
    path("sign-out/", sign_in.sign_out, name="sign_out"),
    path("members/<int:member_id>/", members.overview, name="member"),
    path("members/<int:member_id>/history/", members.history, name="history"),
    path("members/<int:member_id>/redemptions/", members.redemptions, name="redemptions"),
    path("members/<int:member_id>/timeline/", members.timeline, name="timeline"),
    path("members/<int:member_id>/trail/", members.changes, name="changes"),
    path("members/<int:member_id>/adjust/", corrections.adjust, name="adjust"),
    path("members/<int:member_id>/entries/<slug:currency>/<int:seq>/", entries.entry, name="entry"),
    path("orders/<int:order_id>/", entries.order, name="order"),
    path("awards/<slug:kind>/<int:number>/reverse/", corrections.reverse_award, name="reverse_award"),
    path("redemptions/<int:redemption_id>/", entries.one_redemption, name="redemption"),
    path("redemptions/<int:redemption_id>/cancel/", corrections.cancel_redemption, name="cancel_redemption"),
    path("redemptions/<int:redemption_id>/fulfil/", corrections.fulfil_redemption, name="fulfil_redemption"),
    path("programme/", programme.versions, name="programme"),
    path("programme/new/", programme.edit, name="programme_edit"),
    path("programme/<int:number>/", programme.version, name="version"),
    path("brand/", brand.brand, name="brand"),
    path("brand/preview/", brand.preview, name="brand_preview"),
    path("brand/<int:version>/restore/", brand.restore, name="brand_restore"),
    path("brand/reset/", brand.reset, name="brand_reset"),
    path("trail/", trail.audit_trail, name="trail"),
    path("team/", team.team, name="team"),
    path("team/new/", team.add, name="team_add"),
    path("team/<int:operator_id>/", team.change, name="team_change"),
    path("team/<int:operator_id>/activity/", team.set_activity, name="team_activity"),
    path("team/<int:operator_id>/password/", team.reset_password, name="team_password"),
    path("keys/", keys.keys, name="keys"),
    path("keys/new/", keys.issue, name="key_issue"),
    path("keys/<int:key_id>/revoke/", keys.revoke, name="key_revoke"),
]
