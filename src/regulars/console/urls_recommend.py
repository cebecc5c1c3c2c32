"""Addresses of recommendations."""

from django.urls import path

from regulars.console.views import recommend, recommend_marks

urlpatterns = [
    path("recommendations/", recommend.quality, name="recommendations"),
    path("recommendations/served.csv", recommend.served_csv, name="recommendations_csv"),
    path("recommendations/compare/", recommend.compare, name="recommendations_compare"),
    path("recommendations/train/", recommend.train, name="recommendations_train"),
    path("recommendations/marks/", recommend_marks.marks, name="marks"),
    path("recommendations/marks/new/", recommend_marks.new, name="mark_new"),
    path("recommendations/marks/<int:mark_id>/end/", recommend_marks.end, name="mark_end"),
    path("members/<int:member_id>/shelves/", recommend.shelves, name="shelves"),
    path("members/<int:member_id>/shown/", recommend.shown, name="shown"),
    path("members/<int:member_id>/shown/<int:shown_id>/", recommend.why, name="shown_why"),
]
