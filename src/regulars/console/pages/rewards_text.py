"""Descriptions as operators type them, and as members see them.

Typed as plain text: an empty line parts paragraphs, lines that begin with a dash are a list, two stars around
words make them strong. Rich text that was written elsewhere and cannot be said so is shown as it is stored,
and may be typed as HTML, too.
"""

import html
import re
from collections.abc import Iterator

from regulars.catalogue import facade as catalogue

# Only these make a text rich; whatever else stands between angle brackets is what somebody typed.
_TAG = re.compile(r"</?(p|br|strong|em|[bius]|[uo]l|li|a|h[34]|blockquote)(\s[^<>]*|/)?>", re.IGNORECASE)
_STRONG = re.compile(r"\*\*(\S(?:[^*\n]*\S)?)\*\*")
_BULLET = re.compile(r"\s*[-•]\s+")


def to_html(text: str) -> str:
    """What was typed, as it is stored."""
    text = text.replace("\r\n", "\n").strip()
    if _TAG.search(text):
        return catalogue.sanitise(text)
    blocks = (block for block in re.split(r"\n\s*\n", text) if block.strip())
    return catalogue.sanitise("".join(part for block in blocks for part in _mark_up(block)))


def to_typed(stored: str) -> str:
    """What is stored, as it is typed: plain where nothing is lost by it."""
    if not stored:
        return ""
    text = re.sub(r"\s*</(p|ul)>\s*", "\n\n", re.sub(r"<(p|ul)>", "", stored))
    text = re.sub(r"<br\s*/?>\n?", "\n", re.sub(r"</li>[ \t]*", "\n", re.sub(r"<li>", "- ", text)))
    text = re.sub(r"</?strong>", "**", text)
    plain = html.unescape(re.sub(r"\n{3,}", "\n\n", text)).strip()
    return plain if to_html(plain) == stored else stored


def _mark_up(block: str) -> Iterator[str]:
    """Paragraphs and lists of one block of lines."""
    lines = block.strip("\n").split("\n")
    rest: list[str] = []
    items: list[str] = []
    for line in lines:
        if _BULLET.match(line):
            if rest:
                yield _paragraph(rest)
                rest = []
            items.append(_escape(_BULLET.sub("", line, count=1)))
        else:
            if items:
                yield _list(items)
                items = []
            rest.append(line)
    if rest:
        yield _paragraph(rest)
    if items:
        yield _list(items)


def _paragraph(lines: list[str]) -> str:
    return "<p>" + "<br>".join(_escape(line) for line in lines) + "</p>"


def _escape(line: str) -> str:
    return _STRONG.sub(r"<strong>\1</strong>", html.escape(line.strip(), quote=False))


def _list(items: list[str]) -> str:
    return "<ul>" + "".join(f"<li>{item}</li>" for item in items) + "</ul>"
