"""Parts of pages that are kept: never another's, never in another language, never out of date."""

import functools
from typing import Any

import pytest
from django.template import engines
from django.utils import translation

from regulars.design.templatetags import regulars as tags

NAV = "store/parts/nav_links.html"
BADGE = "design/components/tier.html"


def render(source: str, **context: Any) -> str:
    return engines["django"].from_string("{% load regulars %}" + source).render(context)


def kept(template: str, values: str, **context: Any) -> str:
    return render(f'{{% kept "{template}" {values} %}}', **context)


def included(template: str, values: str, **context: Any) -> str:
    return render(f'{{% include "{template}" with {values} only %}}', **context)


def test_it_is_what_an_include_would_be_the_second_time_too() -> None:
    for _ in range(2):
        for name, rank in (("Gold", 2), ("<Gold>", 2), ("Gold", 1)):
            values = "name=name rank=rank"
            assert kept(BADGE, values, name=name, rank=rank) == included(BADGE, values, name=name, rank=rank)


def test_a_second_time_nothing_is_rendered(monkeypatch: pytest.MonkeyPatch) -> None:
    first = kept(BADGE, "name=name rank=9", name="Once")
    monkeypatch.setattr(tags, "get_template", None)
    assert kept(BADGE, "name=name rank=9", name="Once") == first


def test_it_knows_languages_and_types_apart() -> None:
    english = kept(NAV, 'active="home" icons=False')
    with translation.override("ru"):
        assert kept(NAV, 'active="home" icons=False') != english
    assert kept(BADGE, "name=name rank=1", name=True) != kept(BADGE, "name=name rank=1", name=1)


def test_it_sees_nothing_of_the_page() -> None:
    told = kept("store/parts/footer_links.html", "demo=False name=shown", shown="Linden", name="somebody")
    assert "Linden" in told
    assert "somebody" not in told


def test_with_values_left_out_of_the_key_one_would_see_anothers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control: what is kept is told apart by its values and by nothing else."""
    whole = tags._render_kept.__wrapped__
    known: dict[str, str] = {}

    @functools.wraps(whole)
    def by_name_alone(template_name: str, *others: Any) -> str:
        return known.setdefault(template_name, whole(template_name, *others))

    monkeypatch.setattr(tags, "_render_kept", by_name_alone)
    assert "Anna" in kept(BADGE, "name=name rank=1", name="Anna")
    assert "Anna" in kept(BADGE, "name=name rank=1", name="Ben")
