"""Whole tables of a document as blocks of lines: a header, what follows, and the comments right above."""

from dataclasses import dataclass

from regulars.rules.document.positions import Path
from regulars.rules.editing.layout import Layout


@dataclass(frozen=True, slots=True)
class Block:
    """The rows (from 0, half-open) that belong to one table and what it holds."""

    path: Path
    first_row: int
    end_row: int


def find_blocks(text: str, path: Path) -> list[Block]:
    """The blocks of the tables at `path`: one for `("expiry",)`, as many as there are for `("earn",)`."""
    layout = Layout(text)
    lines = text.split("\n")
    found: list[Block] = []
    owners = {
        section.path[: len(path) + 1] if _is_listed(section.path, path) else path
        for section in layout.sections_in(path)
    }
    for owner in sorted(owners, key=lambda owner: [str(part).zfill(6) for part in owner]):
        sections = layout.sections_in(owner)
        first = _with_comments_above(lines, sections[0].first_row)
        found.append(Block(owner, first, sections[-1].last_row + 1))
    return found


def append_block(text: str, path: Path, pairs: list[str]) -> str:
    """Write another table of a list, after the last one of it; at the end where it is the first."""
    layout = Layout(text)
    header = f"[[{'.'.join(str(part) for part in path)}]]"
    lines = text.rstrip("\n").split("\n")
    within = layout.sections_in(path) or layout.sections_in(path[:1])
    row = within[-1].last_row + 1 if within else len(lines)
    opening = [] if within or len(path) == 1 else [f"[{path[0]}]", ""]
    lines[row:row] = ["", *opening, header, *pairs]
    return "\n".join(lines).lstrip("\n") + "\n"


def remove_block(text: str, path: Path) -> str:
    """Take a table's lines and one of the gaps beside it."""
    block = next((block for block in find_blocks(text, path) if block.path == path), None)
    if block is None:
        return text
    lines = text.split("\n")
    end = block.end_row
    while end < len(lines) - 1 and not lines[end].strip():
        end += 1
    del lines[block.first_row : end]
    return "\n".join(lines).rstrip("\n") + "\n"


def swap_blocks(text: str, path: Path, place: int) -> str:
    """Exchange a list's tables at `place` and `place + 1`; what stands between them stays between them."""
    blocks = {block.path: block for block in find_blocks(text, path)}
    one, other = blocks.get((*path, place)), blocks.get((*path, place + 1))
    if one is None or other is None or one.end_row > other.first_row:
        return text
    lines = text.split("\n")
    return "\n".join(
        [
            *lines[: one.first_row],
            *lines[other.first_row : other.end_row],
            *lines[one.end_row : other.first_row],
            *lines[one.first_row : one.end_row],
            *lines[other.end_row :],
        ]
    )


def _is_listed(found: Path, path: Path) -> bool:
    return len(found) > len(path) and isinstance(found[len(path)], int)


def _with_comments_above(lines: list[str], row: int) -> int:
    first = row
    while first and lines[first - 1].lstrip().startswith("#"):
        first -= 1
    # At the very top stands what is said of the whole document.
    return row if first == 0 else first
