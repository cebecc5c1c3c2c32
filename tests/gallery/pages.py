"""All groups of the gallery, in the order in which they are shown."""

from tests.gallery.desk_pages import DESK_GROUPS
from tests.gallery.insights_pages import INSIGHTS_GROUPS
from tests.gallery.office_pages import OFFICE_GROUPS
from tests.gallery.recommend_pages import RECOMMEND_GROUPS
from tests.gallery.segments_pages import SEGMENTS_GROUPS
from tests.gallery.shots import Group
from tests.gallery.store_pages import STORE_GROUPS

GROUPS: tuple[Group, ...] = (
    *STORE_GROUPS,
    *DESK_GROUPS,
    *INSIGHTS_GROUPS,
    *SEGMENTS_GROUPS,
    *RECOMMEND_GROUPS,
    *OFFICE_GROUPS,
)
