"""Addresses of the console."""

from django.urls import path

from regulars.console.urls_team import team_urls
from regulars.console.views import (
    brand,
    corrections,
    entries,
    finance,
    members,
    merging,
    programme,
    trail,
    widget,
)

app_name = "console"
urlpatterns = [
    path("", members.search, name="members"),
    *team_urls,
    path("members/<int:member_id>/", members.overview, name="member"),
    path("members/<int:member_id>/history/", members.history, name="history"),
    path("members/<int:member_id>/redemptions/", members.redemptions, name="redemptions"),
    path("members/<int:member_id>/timeline/", members.timeline, name="timeline"),
    path("members/<int:member_id>/trail/", members.changes, name="changes"),
    path("members/<int:member_id>/adjust/", corrections.adjust, name="adjust"),
    path("members/<int:member_id>/merge/", merging.merge, name="merge"),
    path("members/<int:member_id>/merge/undo/", merging.undo_merge, name="merge_undo"),
    path("members/<int:member_id>/entries/<slug:currency>/<int:seq>/", entries.entry, name="entry"),
    path("orders/<int:order_id>/", entries.order, name="order"),
    path("awards/<slug:kind>/<int:number>/reverse/", corrections.reverse_award, name="reverse_award"),
    path("redemptions/<int:redemption_id>/", entries.one_redemption, name="redemption"),
    path("redemptions/<int:redemption_id>/cancel/", corrections.cancel_redemption, name="cancel_redemption"),
    path("redemptions/<int:redemption_id>/refund/", merging.refund_redemption, name="refund_redemption"),
    path("redemptions/<int:redemption_id>/fulfil/", corrections.fulfil_redemption, name="fulfil_redemption"),
    path("programme/", programme.versions, name="programme"),
    path("programme/new/", programme.edit, name="programme_edit"),
    path("programme/<int:number>/", programme.version, name="version"),
    path("brand/", brand.brand, name="brand"),
    path("brand/preview/", brand.preview, name="brand_preview"),
    path("brand/<int:version>/restore/", brand.restore, name="brand_restore"),
    path("brand/reset/", brand.reset, name="brand_reset"),
    path("finance/", finance.liability, name="finance"),
    path("finance/liability.csv", finance.liability_csv, name="liability_csv"),
    path("finance/movements/", finance.movements, name="movements"),
    path("finance/movements.csv", finance.movements_csv, name="movements_csv"),
    path("trail/", trail.audit_trail, name="trail"),
    path("widget/", widget.overview, name="widget"),
    path("widget/keys/new/", widget.make_key, name="widget_key_new"),
    path("widget/keys/<str:kid>/replace/", widget.rotate_key, name="widget_key_rotate"),
    path("widget/keys/<str:kid>/revoke/", widget.revoke_key, name="widget_key_revoke"),
]
