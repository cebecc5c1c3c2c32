"""Reads of design."""

from regulars.design.errors import BrandUnknown
from regulars.design.models import BrandRow, Logo
from regulars.design.types import Brand, BrandDeed, BrandVersion, LogoInfo, Picture
from regulars.kit.actor import Actor, ActorKind
from regulars.kit.statements import fetch_rows

_COLUMNS = (
    "id",
    "name",
    "main",
    "accent",
    "logo_id",
    "logo__width",
    "logo__height",
    "deed",
    "actor_kind",
    "actor_ref",
    "saved_at",
)
# Asked for with every page.
_IN_FORCE = """
SELECT b.id, b.name, b.main, b.accent, b.logo_id, l.width, l.height
FROM design_brandrow b LEFT JOIN design_logo l ON l.digest = b.logo_id
ORDER BY b.id DESC LIMIT 1
"""


def get_brand() -> Brand:
    """The brand in force; an empty one where none was saved. One query."""
    rows = fetch_rows(_IN_FORCE, ())
    if not rows:
        return Brand()
    version, name, main, accent, digest, width, height = rows[0]
    return Brand(version, name, main, accent, LogoInfo(digest, width, height) if digest else None)


def get_brand_version(version: int) -> Brand:
    """A brand as it once was. Raises BrandUnknown."""
    row = BrandRow.objects.filter(id=version).values(*_COLUMNS).first()
    if row is None:
        raise BrandUnknown(f"There is no version {version} of the brand.")
    return _brand(row)


def list_brand_versions(*, size: int = 10) -> list[BrandVersion]:
    """The last versions, latest first. One query."""
    return [
        BrandVersion(
            _brand(row),
            BrandDeed(row["deed"]),
            Actor(ActorKind(row["actor_kind"]), row["actor_ref"]),
            row["saved_at"],
        )
        for row in BrandRow.objects.order_by("-id").values(*_COLUMNS)[:size]
    ]


def find_logo(digest: str) -> Picture | None:
    """A logo's bytes by the hexadecimal digits that its digest begins with (twelve at least)."""
    row = Logo.objects.filter(digest__startswith=digest).first() if len(digest) >= 12 else None
    return Picture(bytes(row.content), row.width, row.height) if row else None


def _brand(row: dict[str, object]) -> Brand:
    digest = row["logo_id"]
    logo = (
        LogoInfo(str(digest), int(str(row["logo__width"])), int(str(row["logo__height"]))) if digest else None
    )
    return Brand(int(str(row["id"])), str(row["name"]), str(row["main"]), str(row["accent"]), logo)
