"""The brand: colours that can be read, logos drawn anew, versions that are undone and written down."""

import io
import re

import pytest
from django.db import connection
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from regulars.design import facade as design
from regulars.design.colours import from_oklch, get_contrast, read_colour, to_oklch
from regulars.design.logos import draw_icon, read_logo
from regulars.design.models import BrandRow, Logo
from regulars.design.policies import derive_tokens, write_style_sheet
from regulars.identity.facade import Role
from regulars.kit.actor import SYSTEM
from regulars.kit.clock import utc_now
from regulars.trail import facade as trail
from tests.console.conftest import Staffed

hexadecimal = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")
# What writes on what, wherever the brand's tokens meet.
PAIRS = [
    ("primary-foreground", "primary"),
    ("primary-foreground", "primary-strong"),
    ("primary", "background"),
    ("primary", "card"),
    ("primary", "muted"),
    ("secondary-foreground", "secondary"),
    ("pass-ink-soft", "pass"),
    ("pass-ink-soft", "pass-deep"),
    ("honey", "pass"),
    ("honey-ink", "honey"),
    ("honey-tint-ink", "honey-tint"),
]


def picture(size: tuple[int, int] = (300, 100), kind: str = "PNG", colour: str = "#c0392b") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, kind)
    return out.getvalue()


def save(**changes: object) -> design.Brand:
    told = {"base": design.get_brand().version, "name": "", "main": "", "accent": ""} | changes
    return design.save_brand(actor=SYSTEM, now=utc_now(), **told)  # type: ignore[arg-type]


def test_contrast_is_that_of_the_guidelines() -> None:
    assert get_contrast("#000000", "#ffffff") == pytest.approx(21)
    assert get_contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)
    assert get_contrast("#0000ff", "#ffffff") == pytest.approx(8.59, abs=0.005)


@given(hexadecimal)
def test_a_colour_survives_the_way_through_oklch(colour: str) -> None:
    back = from_oklch(*to_oklch(colour))
    assert all(abs(int(colour[at : at + 2], 16) - int(back[at : at + 2], 16)) <= 1 for at in (1, 3, 5))


@given(hexadecimal, hexadecimal)
def test_whatever_is_accepted_can_be_read_and_what_is_suggested_is_accepted(main: str, accent: str) -> None:
    for _round in range(2):
        for fault in design.judge_colours(main, accent):
            main, accent = (fault.suggestion, accent) if fault.field == "main" else (main, fault.suggestion)
    assert design.judge_colours(main, accent) == ()
    tokens = derive_tokens(main, accent)
    for scheme in (0, 1):
        for ink, ground in PAIRS:
            assert get_contrast(tokens[ink][scheme], tokens[ground][scheme]) >= 4.5, (ink, ground, scheme)


def test_a_colour_that_cannot_be_read_is_refused_in_a_sentence() -> None:
    (fault,) = design.judge_colours("#ffd400", "#f7c041")
    assert fault.field == "main"
    assert "#ffd400 is too light" in fault.sentence
    assert fault.suggestion in fault.sentence
    (fault,) = design.judge_colours("#0e5c39", "#333333")
    assert fault.field == "accent"
    assert [fault.field for fault in design.judge_colours("red", "")] == ["main", "accent"]
    assert read_colour(" 0E5C39 ") == "#0e5c39"
    assert read_colour("#0e5c3") is None


def test_the_style_sheet_holds_nothing_but_tokens() -> None:
    assert re.fullmatch(
        r":root\{(--[a-z-]+:light-dark\(#[0-9a-f]{6},#[0-9a-f]{6}\);)+\}\n",
        write_style_sheet("#1d3f8f", "#ffd166"),
    )


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "SVG"),
        (b"GIF89a", "not a PNG"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 40, "not a PNG"),
        (picture()[:90], "not a PNG"),
        (b"\0" * (2 * 1024 * 1024 + 1), "2 MB"),
        (picture((6001, 1)), "6,000"),
    ],
)
def test_what_is_no_logo_is_refused(content: bytes, says: str) -> None:
    with pytest.raises(design.LogoRefused, match=says):
        read_logo(content)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_logo_is_drawn_anew_and_small(kind: str) -> None:
    drawn = read_logo(picture((3000, 1000), kind))
    assert (drawn.width, drawn.height) == (576, 192)
    with Image.open(io.BytesIO(drawn.content)) as opened:
        assert (opened.format, opened.size, opened.info) == ("PNG", (576, 192), {})


def test_icons_are_square_and_whole_ones_reach_the_corners() -> None:
    for logo in (None, read_logo(picture()).content):
        for size in (180, 192, 512):
            for whole in (False, True):
                content = draw_icon(size, "#0e5c39", "#f7c041", logo, whole=whole)
                with Image.open(io.BytesIO(content)) as opened:
                    assert opened.size == (size, size)
                    assert opened.getpixel((0, 0))[3] == (255 if whole else 0)  # type: ignore[index]


@pytest.mark.django_db(transaction=True)
class TestVersions:
    def test_saved_undone_and_reset_each_as_a_version_in_the_trail(self) -> None:
        assert design.get_brand() == design.Brand()
        first = save(name="  Corner   Shop ", main="1D3F8F", accent="#FFD166", logo=picture())
        assert (first.name, first.main, first.accent) == ("Corner Shop", "#1d3f8f", "#ffd166")
        assert first.logo is not None
        second = save(name="Other", main="#7a1f3d", accent="#ffd166", without_logo=True)
        assert second.logo is None
        undone = design.restore_brand(actor=SYSTEM, now=utc_now(), base=second.version, version=first.version)
        assert (undone.name, undone.main, undone.logo) == (first.name, first.main, first.logo)
        reset = design.reset_brand(actor=SYSTEM, now=utc_now(), base=undone.version)
        assert reset == design.Brand(reset.version) == design.get_brand()
        assert [version.deed for version in design.list_brand_versions()] == [
            "reset",
            "restored",
            "saved",
            "saved",
        ]
        said = trail.list_audit(subject=f"brand:{undone.version}").items
        assert [(entry.action, entry.details["version"]) for entry in said] == [
            ("brand.restored", first.version)
        ]

    def test_what_changes_nothing_saves_nothing(self) -> None:
        first = save(name="Corner")
        assert save(name="Corner") == first
        assert BrandRow.objects.count() == 1

    def test_whoever_began_from_another_version_is_told(self) -> None:
        first = save(name="Corner")
        save(name="Other")
        for deed in (
            lambda: save(base=first.version, name="Mine"),
            lambda: design.reset_brand(actor=SYSTEM, now=utc_now(), base=first.version),
            lambda: design.restore_brand(
                actor=SYSTEM, now=utc_now(), base=first.version, version=first.version
            ),
        ):
            with pytest.raises(design.BrandMoved):
                deed()
        assert design.get_brand().name == "Other"

    @pytest.mark.parametrize(
        "told",
        [
            {"main": "#ffd400", "accent": "#f7c041"},
            {"main": "#0e5c39"},
            {"name": "x" * 61},
            {"logo": b"<svg/>"},
        ],
    )
    def test_a_refusal_changes_nothing(self, told: dict[str, object]) -> None:
        with pytest.raises((design.BrandInvalid, design.LogoRefused)):
            save(**told)
        assert (BrandRow.objects.count(), Logo.objects.count()) == (0, 0)
        assert trail.list_audit().items == ()


@pytest.mark.django_db
def test_addresses_answer_for_ever_and_others_not_at_all() -> None:
    client = Client()
    shown = design.show_brand(design.Brand(1, "", "#1d3f8f", "#ffd166"))
    style = client.get(shown.style_href)
    assert style["Content-Type"].startswith("text/css")
    assert "immutable" in style["Cache-Control"]
    icon = client.get(shown.icon_href(192))
    assert (icon["Content-Type"], icon.content[:4]) == ("image/png", b"\x89PNG")
    stale = re.sub(r"\.[0-9a-f]{12}\.css", ".000000000000.css", shown.style_href)
    for address in (
        stale,
        shown.icon_href(192).replace("-192-", "-999-"),
        shown.icon_href(192).replace("star", "0" * 16),
        "/design/logo/0000000000000000.png",
    ):
        assert client.get(address).status_code == 404, address


def post_brand(client: Client, **told: object) -> object:
    base = {"name": "", "main": "#0e5c39", "accent": "#f7c041", "step": "save"}
    return client.post("/console/brand/", base | {"base": design.get_brand().version} | told)


@pytest.mark.django_db(transaction=True)
class TestConsole:
    def test_a_marketer_dresses_the_shop_and_takes_it_back(self, staffed: Staffed) -> None:
        client = staffed.client(Role.MARKETER)
        upload = io.BytesIO(picture())
        upload.name = "logo.png"
        answer = post_brand(client, name="Corner Shop", main="#1d3f8f", accent="#ffd166", logo=upload)
        assert answer.status_code == 302  # type: ignore[attr-defined]
        shown = design.show_brand(design.get_brand())
        for page in (Client().get("/"), client.get("/console/brand/"), Client().get("/console/sign-in/")):
            html = page.content.decode()
            assert shown.style_href in html
            assert shown.logo_href in html
            assert "Corner Shop" in html
        assert client.get(shown.logo_href).status_code == 200
        first = design.get_brand().version
        assert client.post("/console/brand/reset/", {"base": first}).status_code == 302
        assert design.get_brand().main == ""
        base = design.get_brand().version
        assert client.post(f"/console/brand/{first}/restore/", {"base": base}).status_code == 302
        assert design.get_brand().name == "Corner Shop"

    def test_a_form_that_cannot_be_saved_keeps_what_was_typed(self, staffed: Staffed) -> None:
        client = staffed.client(Role.OWNER)
        answer = post_brand(client, name="Corner", main="#ffd400")
        html = answer.content.decode()  # type: ignore[attr-defined]
        assert answer.status_code == 422  # type: ignore[attr-defined]
        assert "too light" in html
        assert 'value="#ffd400"' in html
        assert 'value="Corner"' in html
        assert design.get_brand().version == 0

    def test_trying_saves_nothing(self, staffed: Staffed) -> None:
        client = staffed.client(Role.OWNER)
        html = post_brand(client, main="#1d3f8f", accent="#ffd166", step="try").content.decode()  # type: ignore[attr-defined]
        assert design.preview_href("#1d3f8f", "#ffd166") in html
        part = client.post(
            "/console/brand/preview/", {"main": "#ffd400", "accent": "nonsense", "name": "<b>"}
        )
        assert "too light" in part.content.decode()
        assert "<b>" not in part.content.decode()
        assert design.get_brand().version == 0

    def test_others_may_not(self, staffed: Staffed) -> None:
        client = staffed.client(Role.SUPPORT)
        assert post_brand(client, name="Mine").status_code == 403  # type: ignore[attr-defined]
        assert client.post("/console/brand/reset/", {"base": 0}).status_code == 403
        assert BrandRow.objects.count() == 0


@pytest.mark.django_db
def test_a_failure_asks_nothing_of_the_database(rf: object, settings: object) -> None:
    from regulars.store.views.errors import failed

    with connection.execute_wrapper(lambda *_args: pytest.fail("asked the database")):
        assert failed(rf.get("/")).status_code == 500  # type: ignore[attr-defined]
