"""Addresses of segments."""

from django.urls import path

from regulars.console.views import segments, segments_builder, segments_files

urlpatterns = [
    path("segments/", segments.all_segments, name="segments"),
    path("segments.csv", segments_files.list_csv, name="segments_csv"),
    path("segments/overlap.csv", segments_files.overlap_csv, name="segments_overlap_csv"),
    path("segments/<slug:code>/members.csv", segments_files.members_csv, name="segment_csv"),
    path("segments/new/", segments_builder.new, name="segment_new"),
    path("segments/count/", segments_builder.count, name="segment_count"),
    path("segments/overlap/", segments.overlap, name="segments_overlap"),
    path("segments/<slug:code>/", segments.segment, name="segment"),
    path("segments/<slug:code>/history/", segments.history, name="segment_history"),
    path("segments/<slug:code>/edit/", segments_builder.edit, name="segment_edit"),
    path("segments/<slug:code>/rebuild/", segments.rebuild, name="segment_rebuild"),
    path("segments/<slug:code>/archive/", segments.archive, name="segment_archive"),
    path("segments/<slug:code>/members/<int:member_id>/", segments.why, name="segment_why"),
]
