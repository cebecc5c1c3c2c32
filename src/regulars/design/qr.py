"""What a till scans: a text as a QR code, drawn into the page."""

from django.utils.safestring import SafeString, mark_safe

QUIET_MODULES = 4
"""The empty frame that ISO/IEC 18004 asks for around a code."""


def draw_qr(text: str) -> SafeString:
    """The text as an SVG without styles of its own: `qr` frames it, `qr-ink` draws it.

    Error correction M: a seventh of it may be scratched or in shadow.
    """
    import segno  # noqa: PLC0415  (every command would load it)

    code = segno.make(text, error="m", micro=False)
    svg = code.svg_inline(border=QUIET_MODULES, omitsize=True, svgclass="qr", lineclass="qr-ink")
    hidden = svg.replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1)
    return mark_safe(hidden)  # noqa: S308  (drawn by us; the text itself is not part of it)
