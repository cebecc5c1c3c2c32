"""The house rules of every template: nothing inline, only icons that were built, parts that render."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.template import engines
from django.template.loader import get_template, render_to_string
from django.test import Client, RequestFactory

from regulars.design.assets import DIST, load_icons
from regulars.design.pictures import DRAWINGS_DIR, TINTS, Shown, render_picture
from tests.architecture.test_foreign_keys import ROOT

SOURCES = ROOT / "src" / "regulars"
FRONTEND = ROOT / "frontend"


def all_templates() -> Iterator[Path]:
    return (path for path in sorted(SOURCES.glob("*/templates/**/*")) if path.suffix == ".html")


def test_nothing_is_inline() -> None:
    """The content policy would refuse it, silently for styles."""
    forbidden = re.compile(
        r"""\sstyle=|<style|\son[a-z]+=["']|<script(?![^>]*\bsrc=)|javascript:|\|safe\b|autoescape off""",
        re.I,
    )
    found = [
        f"{path.name}: {match}"
        for path in all_templates()
        if path.name != "email.html"  # goes out by mail, where there is no such policy and no style sheet
        for match in forbidden.findall(path.read_text())
    ]
    assert found == []


BY_HAND = re.compile(r'class="(card|panel|notice|table-container|skeleton|question)"')
# These wear a card as what they are; a table in a frame of its own is one that a script or a heading knows.
WEARS_IT = re.compile(r"<(?:form|ul|ol|dl|article|details)\b[^>]*>")
KEPT = {
    "account_passkey.html",  # a script shows the notice
    "brand_preview.html",  # a sentence for each fault
    "code_pool.html",  # a status with an anchor
    "reward.html",  # several paragraphs
    "table.html",
    "team_roles.html",
    "waiting.html",  # says that it is busy
}


def test_what_has_a_component_is_not_written_by_hand() -> None:
    """Cards, notices, tables and skeletons come from `{% load components %}`."""
    found = {
        path.name
        for path in all_templates()
        if not {"components", "insights", "segments"} & set(path.parts)
        and BY_HAND.search(WEARS_IT.sub("", path.read_text()))
    }
    assert found <= KEPT


def test_every_template_compiles() -> None:
    for path in all_templates():
        get_template(path.relative_to(next(p for p in path.parents if p.name == "templates")).as_posix())


def test_the_assets_are_built_and_name_no_source_map() -> None:
    assert (DIST / "regulars.css").exists(), "run `make assets`"
    for name in ("regulars.css", "regulars.js", "htmx.js", "basecoat.js"):
        assert "sourceMappingURL" not in (DIST / name).read_text(), name


def test_every_icon_that_is_named_was_built() -> None:
    named = {
        name
        for path in all_templates()
        for name in re.findall(r"(?:{%\s*icon|{%\s*notice|icon_name=)\s*\"([^\"]+)\"", path.read_text())
    }
    assert named <= load_icons().keys()


def test_icons_that_are_chosen_at_run_time_were_built() -> None:
    listed = {
        line.strip()
        for line in (FRONTEND / "icons.txt").read_text().splitlines()
        if line[:1] not in {"", "#"}
    }
    assert listed <= load_icons().keys()
    chosen = {
        name
        for path in (SOURCES / "store" / "pages").glob("*.py")
        for name in re.findall(r"(?:Fact\(\s*|: \(|icon, tone = )\"([a-z0-9-]+)\"", path.read_text())
    }
    assert {"calendar-x-2", "sparkles", "undo-2"} <= chosen <= load_icons().keys()


def test_an_icon_is_silent_unless_it_is_labelled() -> None:
    def render(text: str) -> str:
        return str(engines["django"].from_string("{% load regulars %}" + text).render({"label": "A <gift>"}))

    assert 'aria-hidden="true"' in render('{% icon "gift" %}')
    assert 'role="img" aria-label="A &lt;gift&gt;"' in render('{% icon "gift" "size-4" label %}')
    assert "icon size-4" in render('{% icon "gift" "size-4" %}')


@pytest.mark.parametrize("name", TINTS)
def test_every_drawing_is_whole_and_takes_its_colours_from_the_tint(name: str) -> None:
    html = render_picture(Shown("drawing", name))
    assert html.count("<svg") == html.count("</svg>") == 1
    assert 'class="a"' in html or 'class="ink-line"' in html
    assert not re.search(r"#[0-9a-f]{3,6}|style=|rgb", html)


def test_drawings_and_tints_are_the_same_set() -> None:
    assert {path.stem for path in DRAWINGS_DIR.glob("*.svg")} == TINTS.keys()


def test_a_drawing_that_does_not_exist_becomes_another_and_text_is_escaped() -> None:
    assert render_picture(Shown("drawing", "unicorn"), fallback="donation") == render_picture(
        Shown("drawing", "donation")
    )
    assert render_picture(Shown("drawing", "../../secret"), fallback="") == render_picture(
        Shown("drawing", "goods")
    )
    assert "&quot;&gt;&lt;script&gt;" in render_picture(Shown("address", '"><script>', 'a"b'))


def test_the_lock_file_names_no_address_and_pins_what_is_pinned() -> None:
    lock = (FRONTEND / "package-lock.json").read_text()
    assert '"resolved"' not in lock
    packages = json.loads(lock)["packages"]
    pinned = json.loads((FRONTEND / "package.json").read_text())["devDependencies"]
    assert {name: packages[f"node_modules/{name}"]["version"] for name in pinned} == pinned
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in pinned.values())
    ours = [data for path, data in packages.items() if path and not data.get("inBundle")]
    assert all(data["integrity"].startswith("sha512-") for data in ours)


def test_htmx_is_told_to_inject_and_evaluate_nothing() -> None:
    html = render_to_string("design/base.html", {"shell": None}, RequestFactory().get("/"))
    config = re.search(r"""name="htmx-config" content='([^']+)'""", html)
    assert config
    told = json.loads(config.group(1))
    assert (told["includeIndicatorStyles"], told["allowEval"], told["allowScriptTags"]) == (
        False,
        False,
        False,
    )


@pytest.mark.django_db
def test_the_theme_is_chosen_by_a_post_and_leads_back() -> None:
    client = Client()
    assert client.get("/design/theme/").status_code == 405
    response = client.post("/design/theme/", {"theme": "dark", "next": "/how-it-works/"})
    assert (response["Location"], response.cookies["theme"].value) == ("/how-it-works/", "dark")
    assert 'class="dark"' in client.get("/").content.decode()
    for nonsense in ("", "<b>"):
        response = client.post("/design/theme/", {"theme": nonsense, "next": "https://elsewhere.example/"})
        assert (response["Location"], response.cookies["theme"].value) == ("/", "")


@pytest.mark.django_db
def test_pages_carry_a_strict_policy() -> None:
    policy = Client().get("/")["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "style-src 'self'" in policy
    assert "unsafe" not in policy
