"""The gallery shows every page that there is, or says why it does not."""

import re
from collections import Counter
from pathlib import Path

from regulars.console import urls as console
from regulars.store import urls as store
from tests.gallery.index import list_pictures
from tests.gallery.left_out import LEFT_OUT
from tests.gallery.pages import GROUPS

DOCS = Path(__file__).parents[2] / "docs"


def list_views() -> set[str]:
    return {f"{room.app_name}:{one.name}" for room in (store, console) for one in room.urlpatterns}


def test_every_page_has_its_picture_or_a_reason() -> None:
    shown = {shot.view for group in GROUPS for shot in group.shots if not shot.view.startswith("design:")}
    assert list_views() - shown - LEFT_OUT.keys() == set(), "neither in the gallery nor left out for a reason"
    assert (shown | LEFT_OUT.keys()) - list_views() == set(), "not in the URL configuration any more"
    assert shown & LEFT_OUT.keys() == set()


def test_every_picture_has_a_name_and_words_of_its_own() -> None:
    shots = [(group.name, shot) for group in GROUPS for shot in group.shots]
    for values in (
        [f"{group}-{shot.name}" for group, shot in shots],
        [f"{group}: {shot.caption}" for group, shot in shots],
    ):
        assert [value for value, times in Counter(values).items() if times > 1] == []


def test_what_is_shown_is_what_was_taken() -> None:
    """A new page needs a new run of `make gallery`; and the README shows nothing that is not there."""
    assert {path.name for path in (DOCS / "gallery").glob("*.webp")} == list_pictures(GROUPS)
    named = re.findall(r"docs/(gallery/[\w.-]+)", (DOCS.parent / "README.md").read_text())
    assert len(named) > 2
    assert [name for name in named if not (DOCS / name).exists()] == []
