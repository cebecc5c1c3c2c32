"""The gallery shows every page that there is, or says why it does not."""

from collections import Counter

from regulars.console import urls as console
from regulars.store import urls as store
from tests.gallery.left_out import LEFT_OUT
from tests.gallery.pages import GROUPS


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
