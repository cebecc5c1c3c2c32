"""The door of design: the shop's brand, and how points and days are written (money: `kit.money`).

Templates extend `design/base.html`, include `design/components/*.html` and load the tag
library `regulars`.

    format_points(points: int) -> str
    format_signed(points: int) -> str
    format_day(day, today=None) -> str
    format_when(instant, now) -> str
    format_until(instant, now) -> str
    format_days_left(day, today) -> str

The brand: `get_brand`, `list_brand_versions`, `save_brand`, `restore_brand`, `reset_brand`;
`judge_colours(main, accent)` says whether two colours can be read, `show_brand` gives addresses for pages.

Products: a `ProductShelf` of `ProductCard` is shown by `design/components/shelf.html`;
`find_sign(categories)` gives an icon and a tint to what has no picture.

Charts: a `Chart` is shown by `design/components/chart.html` on a page that loads `design/dist/charts.js`;
`list_csv_rows(chart)` is the same as a file.

`keep_language(response, code)` remembers a language in the browser, `lead_back(request)` goes to the
page named in the form's `next`.
"""

from regulars.design.assets import load_script
from regulars.design.branding import ShownBrand, find_brand, preview_href, show_brand
from regulars.design.charts import (
    Chart,
    ChartKind,
    ChartPoint,
    ChartScale,
    ChartSeries,
    ChartState,
    ScaleKind,
    list_csv_rows,
)
from regulars.design.colours import read_colour
from regulars.design.emails import LOGO_CID, DressedEmail, dress_email
from regulars.design.errors import BrandInvalid, BrandMoved, BrandUnknown, LogoRefused
from regulars.design.formats import (
    format_day,
    format_days_left,
    format_points,
    format_signed,
    format_until,
    format_when,
)
from regulars.design.goods import ANYTHING, GoodsSign, find_sign
from regulars.design.languages import is_known_language, keep_language
from regulars.design.operations import reset_brand, restore_brand, save_brand
from regulars.design.pictures import DRAWINGS
from regulars.design.policies import HOUSE_ACCENT, HOUSE_MAIN, NAME_LENGTH_MAX, derive_tokens, judge_colours
from regulars.design.products import ProductCard, ProductShelf
from regulars.design.qr import draw_qr
from regulars.design.queries import get_brand, list_brand_versions
from regulars.design.redirects import lead_back, name_page
from regulars.design.types import Brand, BrandDeed, BrandVersion, ColourFault, LogoInfo

__all__ = [
    "ANYTHING",
    "DRAWINGS",
    "HOUSE_ACCENT",
    "HOUSE_MAIN",
    "LOGO_CID",
    "NAME_LENGTH_MAX",
    "Brand",
    "BrandDeed",
    "BrandInvalid",
    "BrandMoved",
    "BrandUnknown",
    "BrandVersion",
    "Chart",
    "ChartKind",
    "ChartPoint",
    "ChartScale",
    "ChartSeries",
    "ChartState",
    "ColourFault",
    "DressedEmail",
    "GoodsSign",
    "LogoInfo",
    "LogoRefused",
    "ProductCard",
    "ProductShelf",
    "ScaleKind",
    "ShownBrand",
    "derive_tokens",
    "draw_qr",
    "dress_email",
    "find_brand",
    "find_sign",
    "format_day",
    "format_days_left",
    "format_points",
    "format_signed",
    "format_until",
    "format_when",
    "get_brand",
    "is_known_language",
    "judge_colours",
    "keep_language",
    "lead_back",
    "list_brand_versions",
    "list_csv_rows",
    "load_script",
    "name_page",
    "preview_href",
    "read_colour",
    "reset_brand",
    "restore_brand",
    "save_brand",
    "show_brand",
]
