"""The console's pages of segments."""

from tests.gallery.shots import Group, Shot, Who

SEGMENTS = Group(
    "console-segments",
    "The console: segments",
    "Who belongs together: counted before it is saved, kept current, with the reason for each member.",
    Who.OPERATOR,
    (
        Shot(
            "list",
            "console:segments",
            "/console/segments/",
            "Every segment: its size, how that went, how fresh it is",
        ),
        Shot(
            "builder",
            "console:segment_new",
            "/console/segments/new/?from=bargain-led",
            "The builder: conditions in rows, said in a sentence and counted as they are filled in",
        ),
        Shot(
            "one",
            "console:segment",
            "/console/segments/loyal/",
            "One segment: what it means, how it stands, who is in it",
            minor=True,
        ),
        Shot(
            "overlap",
            "console:segments_overlap",
            "/console/segments/overlap/",
            "How many members are in two segments at once",
            minor=True,
        ),
        Shot(
            "history",
            "console:segment_history",
            "/console/segments/loyal/history/",
            "Entries and exits, the latest first",
            minor=True,
        ),
        Shot(
            "archive",
            "console:segment_archive",
            "/console/segments/loyal/archive/",
            "What archiving a segment does, before it is done",
            minor=True,
        ),
    ),
)
SEGMENTS_GROUPS = (SEGMENTS,)
