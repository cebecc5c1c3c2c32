"""Addresses of the console's tables, of what is done with their rows, and of the search."""

from django.urls import path

from regulars.console.views import bulk, members, redemptions, saved_views, search, trail

urlpatterns = [
    path("", members.all_members, name="members"),
    path("members.csv", members.all_members_csv, name="members_csv"),
    path("members/adjust/", bulk.adjust_many, name="adjust_many"),
    path("redemptions/", redemptions.all_redemptions, name="all_redemptions"),
    path("redemptions.csv", redemptions.all_redemptions_csv, name="all_redemptions_csv"),
    path("redemptions/cancel/", bulk.cancel_many, name="cancel_many"),
    path("trail/", trail.audit_trail, name="trail"),
    path("trail.csv", trail.audit_trail_csv, name="trail_csv"),
    path("search/", search.search, name="search"),
    path("views/<slug:table>/save/", saved_views.save_view, name="view_save"),
    path("views/<int:number>/share/", saved_views.share_view, name="view_share"),
    path("views/<int:number>/delete/", saved_views.delete_view, name="view_delete"),
]
