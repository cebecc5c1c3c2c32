"""Writes the gallery's pages: an index, and one page for each group, as GitHub shows them."""

from pathlib import Path

from tests.gallery.shots import Group, Shot

WIDTHS = {"desktop": "74%", "phone": "24%"}
INTRODUCTION = """# The gallery

What Regulars looks like today: {count} views, each on a desktop (1280 pixels wide) and on a phone (390), in
light and in dark; lesser ones light on the desktop and dark on the phone. A picture leads to itself in full.

`make gallery` takes the pictures anew. It loads the demonstration's real year of purchases, starts the web
server and the worker, signs in as a member and as the owner, and walks through the pages in a real browser
(see [tests/gallery](../../tests/gallery)). It fails, with the page's name, where a page answers with an
error, complains in the browser's console, breaks the content security policy, or scrolls sideways. Pages
without a picture stand in [left_out.py](../../tests/gallery/left_out.py), each with its reason.
"""


def write_index(folder: Path, groups: tuple[Group, ...]) -> None:
    """README.md and a page for each group."""
    parts = [INTRODUCTION.format(count=sum(len(group.shots) for group in groups))]
    for group in groups:
        (folder / f"{group.name}.md").write_text(_write_group(group))
        names = " · ".join(
            f"[{shot.name.replace('-', ' ')}]({group.name}.md#{shot.name})" for shot in group.shots
        )
        parts.append(
            f"## [{group.title}]({group.name}.md)\n\n{group.words}\n\n"
            f"{_show(group, group.shots[0])[0]}\n\n{names}\n"
        )
    (folder / "README.md").write_text("\n".join(parts))


def list_pictures(groups: tuple[Group, ...]) -> set[str]:
    """The names of all picture files."""
    return {
        f"{group.name}-{shot.name}.{size}.{scheme}.webp"
        for group in groups
        for shot in group.shots
        for size, scheme in shot.list_variants()
    }


def _write_group(group: Group) -> str:
    parts = [f"# {group.title}\n\n{group.words} [All groups](README.md)\n"]
    for shot in group.shots:
        shown = "\n".join(_show(group, shot))
        parts.append(f'<a id="{shot.name}"></a>\n\n## {shot.caption}\n\n{shown}\n')
    return "\n".join(parts)


def _show(group: Group, shot: Shot) -> list[str]:
    """Rows of a desktop and a phone, as high as each other; each picture leads to itself in full."""
    pictures = []
    for size, scheme in shot.list_variants():
        file = f"{group.name}-{shot.name}.{size}.{scheme}.webp"
        words = f"{shot.caption} ({size}, {scheme})".replace('"', "&quot;")
        pictures.append(f'<a href="{file}"><img src="{file}" width="{WIDTHS[size]}" alt="{words}"></a>')
    return [f"<p>{' '.join(pictures[at : at + 2])}</p>" for at in range(0, len(pictures), 2)]
