"""Takes the pictures, and is strict: a page that complains makes the whole gallery fail."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from django.urls import resolve
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Error, Page, Response, ViewportSize

from tests.browser import DESKTOP, PHONE
from tests.gallery.shots import Group, Scene, Shot, Who

SIZES: dict[str, ViewportSize] = {
    "desktop": {"width": DESKTOP["width"], "height": DESKTOP["height"]},
    "phone": {"width": PHONE["width"], "height": PHONE["height"]},
}
# Dots for each pixel of the page: a phone's picture is looked at larger than it is.
SHARPNESS = {"desktop": 1.0, "phone": 1.2}
QUALITY = 55
PATIENCE_MS = 20_000
SCROLL = "e => e.scrollIntoView({block: 'start', behavior: 'instant'})"


@dataclass
class Complaints:
    """What is wrong, by page; in the order in which it was found."""

    found: list[str] = field(default_factory=list)
    page: str = ""

    def add(self, what: str) -> None:
        """Note it beside the page that is looked at now."""
        self.found.append(f"{self.page}: {what}")

    def listen(self, page: Page) -> None:
        """Hear what the browser says of scripts and policy, and every answer that is an error."""
        page.on("console", lambda m: self.add(m.text) if m.type in {"error", "warning"} else None)
        page.on("pageerror", lambda error: self.add(str(error)))
        page.on("response", self._hear)

    def _hear(self, response: Response) -> None:
        if response.status >= 400:
            self.add(f"{response.request.method} {urlsplit(response.url).path} answers {response.status}")


@dataclass(frozen=True, slots=True)
class Set:
    """Where the pictures are taken, and where they go."""

    browser: Browser
    url: str
    scene: Scene
    folder: Path
    complaints: Complaints


def take_all(stage: Set, groups: list[Group]) -> None:
    """Every picture of the groups, in both sizes and both schemes."""
    for size in SIZES:
        with _people(stage, size) as people:
            for group in groups:
                for shot in group.shots:
                    page = people[group.whose(shot)]
                    name = f"{group.name}-{shot.name}"
                    stage.complaints.page = f"{name} ({size})"
                    try:
                        _take(stage, page, shot, size, stage.folder / name)
                    except (Error, AssertionError) as error:
                        stage.complaints.add(" ".join(str(error).split())[:300])


@contextmanager
def _people(stage: Set, size: str) -> Iterator[dict[Who, Page]]:
    """A browser of its own for each, signed in as people sign in."""
    contexts: list[BrowserContext] = []
    pages = {}
    for who in Who:
        context = stage.browser.new_context(
            viewport=SIZES[size],
            device_scale_factor=SHARPNESS[size],
            reduced_motion="reduce",
            locale="en-GB",
            timezone_id="America/New_York",
        )
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        pages[who] = context.new_page()
        stage.complaints.page = f"signing in ({size})"
        stage.complaints.listen(pages[who])
    try:
        _sign_in_member(pages[Who.MEMBER], stage.url, stage.scene)
        _sign_in_operator(pages[Who.OPERATOR], stage.url, stage.scene)
        yield pages
    finally:
        for context in contexts:
            context.close()


def _sign_in_member(page: Page, url: str, scene: Scene) -> None:
    page.goto(f"{url}/sign-in/")
    page.get_by_label("E-mail address").fill(scene["member_email"])
    page.get_by_role("button", name="Send me a code").click()
    code = page.locator(".notice strong").inner_text()
    page.locator("#id_code").fill(code)
    page.get_by_role("button", name="Sign in").click()
    page.locator("[data-visitor=member]").wait_for()


def _sign_in_operator(page: Page, url: str, scene: Scene) -> None:
    page.goto(f"{url}/console/sign-in/")
    page.get_by_label("E-mail").fill(scene["owner_email"])
    page.get_by_label("Password").fill(scene["owner_password"])
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.locator(".console-side").wait_for()


def _take(stage: Set, page: Page, shot: Shot, size: str, stem: Path) -> None:
    page.emulate_media(color_scheme="light")
    page.goto(stage.url + shot.address.format_map(stage.scene))
    if shot.act:
        shot.act(page, stage.scene)
    page.evaluate("document.fonts.ready")
    arrived = resolve(urlsplit(page.url).path).view_name
    if arrived != (shot.on or shot.view):
        stage.complaints.add(f"{shot.on or shot.view} was asked for, {arrived} came")
    _check_width(page, stage.complaints)
    if shot.look_at:
        page.locator(shot.look_at).first.evaluate(SCROLL)
    for scheme in (scheme for of, scheme in shot.list_variants() if of == size):
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        taken = page.screenshot(animations="disabled", caret="hide")
        _save(taken, stem.with_name(f"{stem.name}.{size}.{scheme}.webp"))


def _check_width(page: Page, complaints: Complaints) -> None:
    wider = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    if wider > 0:
        complaints.add(f"scrolls sideways by {wider} pixels")


def _save(taken: bytes, path: Path) -> None:
    with Image.open(io.BytesIO(taken)) as image:
        image.convert("RGB").save(path, "WEBP", quality=QUALITY, method=5)
