"""Addresses of the console."""

from django.urls import path

from regulars.console.views import corrections, entries, members, programme, sign_in, trail

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
    path("trail/", trail.audit_trail, name="trail"),
]
