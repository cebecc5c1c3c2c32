"""A plain message in the shop's own dress, for readers of mail that show HTML."""

from dataclasses import dataclass

from django.template.loader import render_to_string

from regulars.design.branding import show_brand
from regulars.design.queries import find_logo, get_brand
from regulars.design.types import Picture

LOGO_CID = "logo"


@dataclass(frozen=True, slots=True)
class DressedEmail:
    """The HTML of a message, and the logo that it names as `cid:logo` where there is one."""

    html: str
    logo: Picture | None


def dress_email(*, subject: str, text: str) -> DressedEmail:
    """The words of `text`, paragraph by paragraph, under the shop’s logo and in its colours. Two queries."""
    brand = get_brand()
    logo = find_logo(brand.logo.digest) if brand.logo else None
    context = {
        "subject": subject,
        "paragraphs": [part.strip() for part in text.split("\n\n") if part.strip()],
        "shop": show_brand(brand),
        "cid": LOGO_CID if logo else "",
        # Half of what was kept: it was kept for dense screens.
        "logo_height": min(logo.height // 2, 40) if logo else 0,
    }
    return DressedEmail(render_to_string("design/email.html", context), logo)
