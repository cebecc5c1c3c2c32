"""Writes of design: the brand. Each change is a version of its own, so that any can be undone."""

from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext as _

from regulars.design.errors import BrandMoved
from regulars.design.logos import get_digest, read_logo
from regulars.design.models import BrandRow, Logo
from regulars.design.policies import check_colours, check_name
from regulars.design.queries import get_brand, get_brand_version
from regulars.design.types import Brand, BrandDeed, LogoInfo
from regulars.kit.actor import Actor
from regulars.trail import facade as trail

LOCK = 0x4252414E44  # BRAND


@transaction.atomic(durable=True)
def save_brand(
    *,
    actor: Actor,
    now: datetime,
    base: int,
    name: str,
    main: str,
    accent: str,
    logo: bytes | None = None,
    without_logo: bool = False,
) -> Brand:
    """Save the brand as a new version, in force at once. What changes nothing saves nothing.

    `base` is the version that the change was begun from. `logo` is an uploaded file, None keeps what there
    is and `without_logo` takes it away. Empty colours (both) are the house's.
    Locks the brand. Raises BrandInvalid, LogoRefused, BrandMoved.
    """
    name, (main, accent) = check_name(name), check_colours(main, accent)
    picture = read_logo(logo) if logo else None
    before = _lock(base)
    shown = None if without_logo else before.logo
    if picture is not None:
        digest = get_digest(picture)
        Logo.objects.get_or_create(
            digest=digest,
            defaults={"content": picture.content, "width": picture.width, "height": picture.height},
        )
        shown = LogoInfo(digest, picture.width, picture.height)
    wanted = Brand(before.version, name, main, accent, shown)
    return before if wanted == before else _write(wanted, BrandDeed.SAVED, actor, now)


@transaction.atomic(durable=True)
def restore_brand(*, actor: Actor, now: datetime, base: int, version: int) -> Brand:
    """Take up a version that was in force before, as a new version.

    Locks the brand. Raises BrandUnknown, BrandMoved.
    """
    _lock(base)
    return _write(get_brand_version(version), BrandDeed.RESTORED, actor, now, restored=version)


@transaction.atomic(durable=True)
def reset_brand(*, actor: Actor, now: datetime, base: int) -> Brand:
    """Go back to the house's own look and the programme's name, as a new version.

    Locks the brand. Raises BrandMoved.
    """
    before = _lock(base)
    return (
        before
        if before == Brand(before.version)
        else _write(Brand(before.version), BrandDeed.RESET, actor, now)
    )


def _lock(base: int) -> Brand:
    """The brand in force, which nobody else changes before the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    brand = get_brand()
    if brand.version != base:
        raise BrandMoved(_("Somebody else changed the brand meanwhile. Look at it, then change it again."))
    return brand


def _write(brand: Brand, deed: BrandDeed, actor: Actor, now: datetime, restored: int = 0) -> Brand:
    row = BrandRow.objects.create(
        name=brand.name,
        main=brand.main,
        accent=brand.accent,
        logo_id=brand.logo.digest if brand.logo else None,
        deed=deed.value,
        actor_kind=actor.kind.value,
        actor_ref=actor.ref,
        saved_at=now,
    )
    details = {
        "name": brand.name,
        "main": brand.main,
        "accent": brand.accent,
        "logo": brand.logo.digest[:12] if brand.logo else "",
    }
    trail.record_audit(
        actor=actor,
        now=now,
        action=f"brand.{deed.value}",
        subject=f"brand:{row.pk}",
        details=details | ({"version": restored} if restored else {}),
    )
    return Brand(row.pk, brand.name, brand.main, brand.accent, brand.logo)
