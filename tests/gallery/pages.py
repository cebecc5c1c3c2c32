"""All groups of the gallery, in the order in which they are shown."""

from tests.gallery.console_pages import CONSOLE_GROUPS
from tests.gallery.shots import Group
from tests.gallery.store_pages import STORE_GROUPS

GROUPS: tuple[Group, ...] = (*STORE_GROUPS, *CONSOLE_GROUPS)
