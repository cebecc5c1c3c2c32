"""The door of design: how points and days are written (money: `kit.money`).

Templates extend `design/base.html`, include `design/components/*.html` and load the tag
library `regulars`.

    format_points(points: int) -> str
    format_signed(points: int) -> str
    format_day(day, today=None) -> str
    format_when(instant, now) -> str
    format_until(instant, now) -> str
    format_days_left(day, today) -> str

`keep_language(response, code)` remembers a language in the browser, `lead_back(request)` goes to the
page named in the form's `next`.
"""

from regulars.design.formats import (
    format_day,
    format_days_left,
    format_points,
    format_signed,
    format_until,
    format_when,
)
from regulars.design.languages import is_known_language, keep_language
from regulars.design.redirects import lead_back

__all__ = [
    "format_day",
    "format_days_left",
    "format_points",
    "format_signed",
    "format_until",
    "format_when",
    "is_known_language",
    "keep_language",
    "lead_back",
]
