"""A statement as a document: A4, its letters embedded, its table with a heading on each page."""

import tempfile
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from fpdf import FPDF
from fpdf.fonts import FontFace

from regulars.design.facade import format_points, format_signed
from regulars.store.pages.statements import Statement
from regulars.store.pages.typefaces import REPLACEMENT, cut_typeface, known_letters

ROWS_MAX = 2_000
FAMILY = "statement"
MARGIN_MM = 18
COLUMNS_MM = (30, 94, 24, 26)
INK, SOFT, LINE = (28, 42, 36), (95, 105, 98), (214, 209, 194)
_STROKED = {"Ł": "L", "ł": "l", "Đ": "D", "đ": "d", "Ħ": "H", "ħ": "h", "Ŧ": "T", "ŧ": "t"}
_DIGITS = "0123456789 ,.+−-/·"


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Whose statement it is, from whom, made when."""

    brand: str
    member: str
    reference: str
    points_word: str
    made_at: datetime


class _Sheet(FPDF):
    """A page that ends with its number."""

    foot = ""

    def footer(self) -> None:
        """The number of the page, and of all."""
        self.set_y(-14)
        self.set_font(FAMILY, size=8)
        self.set_text_color(*SOFT)
        self.cell(0, 5, self.foot, align="L", new_x="LMARGIN", new_y="TOP")
        self.cell(0, 5, f"{self.page_no()} / {{nb}}", align="R")


def draw_statement(statement: Statement, head: Letterhead) -> bytes:
    """The statement as PDF, in the language that is active. About two seconds for letters not used before."""
    period = _("%(first)s to %(last)s") % {
        "first": date_format(statement.period.first, "DATE_FORMAT"),
        "last": date_format(statement.period.last, "DATE_FORMAT"),
    }
    sums = [
        (_("Balance before"), format_points(statement.opening)),
        (_("Came in"), format_signed(statement.came)),
        (_("Went out"), format_signed(statement.went)),
        (_("Balance after"), format_points(statement.closing)),
    ]
    heading = (_("Day"), _("What happened"), _("Points"), _("Balance"))
    rows = [
        (
            date_format(localtime(row.occurred_at), "SHORT_DATE_FORMAT"),
            _printable(row.title),
            _printable(row.why),
            format_signed(row.points),
            format_points(row.balance),
        )
        for row in statement.rows
    ]
    title = _("Statement of %(points)s") % {"points": head.points_word}
    made = _("Made on %(day)s") % {"day": date_format(localtime(head.made_at), "DATETIME_FORMAT")}
    note = _("The balance counts what is on its way, less what a return left open.")
    empty = _("Nothing happened in this time.")
    count = ngettext("%(count)d entry", "%(count)d entries", len(rows)) % {"count": len(rows)}
    about = [f"{_printable(head.member)} · {_printable(head.reference)}", f"{period} · {count}"]
    brand = _printable(head.brand)
    sheet = _Sheet(format="A4")
    sheet.foot = f"{brand} · {made}"
    texts = [title, note, empty, brand, sheet.foot, *about, *heading]
    texts += [part for pair in sums for part in pair] + [part for row in rows for part in row]
    sheet.set_title(f"{title}, {period}")
    sheet.set_author(brand)
    sheet.set_lang(get_language() or "en")
    # The writer opens typefaces as files only, and reads from them until the end.
    with tempfile.TemporaryDirectory() as folder:
        _load_typeface(sheet, [*texts, _DIGITS], Path(folder))
        _draw_head(sheet, brand, title, about)
        _draw_sums(sheet, sums, note)
        _draw_rows(sheet, heading, rows, empty)
        return bytes(sheet.output())


def _load_typeface(sheet: FPDF, texts: Iterable[str], folder: Path) -> None:
    regular, bold = cut_typeface(frozenset("".join(texts)) - {"\n"})
    for style, content in (("", regular), ("B", bold)):
        path = folder / f"typeface{style}.ttf"
        path.write_bytes(content)
        sheet.add_font(FAMILY, style, path)
    sheet.set_margin(MARGIN_MM)
    sheet.set_auto_page_break(auto=True, margin=20)
    sheet.add_page()


def _draw_head(sheet: FPDF, brand: str, title: str, about: list[str]) -> None:
    sheet.set_text_color(*SOFT)
    sheet.set_font(FAMILY, "B", 10)
    sheet.cell(0, 6, brand, new_x="LMARGIN", new_y="NEXT")
    sheet.set_text_color(*INK)
    sheet.set_font(FAMILY, "B", 20)
    sheet.cell(0, 11, title, new_x="LMARGIN", new_y="NEXT")
    sheet.set_font(FAMILY, size=10)
    for line in about:
        sheet.multi_cell(0, 5.5, line, new_x="LMARGIN", new_y="NEXT", align="L")
    sheet.ln(5)


def _draw_sums(sheet: FPDF, sums: list[tuple[str, str]], note: str) -> None:
    sheet.set_draw_color(*LINE)
    wide = sheet.epw / len(sums)
    for style, size, height, part in (("", 8.5, 5, 0), ("B", 13, 7, 1)):
        sheet.set_font(FAMILY, style, size)
        sheet.set_text_color(*(SOFT if part == 0 else INK))
        for pair in sums:
            sheet.cell(wide, height, pair[part])
        sheet.ln(height)
    sheet.set_font(FAMILY, size=8)
    sheet.set_text_color(*SOFT)
    sheet.multi_cell(0, 5, note, new_x="LMARGIN", new_y="NEXT", align="L")
    sheet.ln(4)


def _draw_rows(
    sheet: FPDF, heading: tuple[str, ...], rows: list[tuple[str, str, str, str, str]], empty: str
) -> None:
    sheet.set_text_color(*INK)
    sheet.set_font(FAMILY, size=9)
    if not rows:
        sheet.cell(0, 8, empty)
        return
    with sheet.table(
        col_widths=COLUMNS_MM,
        text_align=("LEFT", "LEFT", "RIGHT", "RIGHT"),
        line_height=4.6,
        padding=(1.6, 1, 1.6, 1),
        borders_layout="HORIZONTAL_LINES",
        headings_style=FontFace(emphasis="BOLD", color=SOFT),
    ) as table:
        table.row(heading)
        for day, title, why, points, balance in rows:
            table.row((day, f"{title}\n{why}" if why else title, points, balance))


def _printable(text: str) -> str:
    """The text in letters that the typeface has: without a sign above or through one, else a box for it."""
    known = known_letters()
    return "".join(letter if ord(letter) in known else _stand_in(letter, known) for letter in text)


def _stand_in(letter: str, known: frozenset[int]) -> str:
    if letter.isspace():
        return " "
    plain = _STROKED.get(letter) or unicodedata.normalize("NFKD", letter)
    return "".join(part for part in plain if ord(part) in known) or REPLACEMENT
