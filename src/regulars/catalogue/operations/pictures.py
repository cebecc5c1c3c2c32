"""Uploads: drawn anew in several sizes, and stored under the hash of what was uploaded."""

import hashlib
import secrets
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction

from regulars.catalogue.images import FOLDER, draw_sizes, recognise_image
from regulars.catalogue.types import Picture, PictureSource
from regulars.kit.actor import Actor
from regulars.trail import facade as trail


@transaction.atomic(durable=True)
def save_picture(*, actor: Actor, now: datetime, content: bytes, alt: str) -> Picture:
    """Store an uploaded picture (PNG, JPEG or WebP, by content) in several sizes; answer how to refer to it.

    The name is that of the widest: `<hash>-<width>.webp`; `pictures.list_sizes` knows the others by it.
    The same content twice is one set of files. Raises PictureRefused. Leaves a line in the audit trail.
    """
    facts = recognise_image(content)
    widest, sizes = draw_sizes(content)
    digest = hashlib.sha256(content).hexdigest()
    folder = Path(settings.MEDIA_ROOT) / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for size in sizes:
        _store(folder / f"{digest}-{size.width}.{size.suffix}", size.content)
    details = {"width": facts.width, "height": facts.height, "bytes": len(content)}
    trail.record_audit(
        actor=actor, now=now, action="picture.saved", subject=f"picture:{digest[:32]}", details=details
    )
    return Picture(PictureSource.MEDIA, f"{digest}-{widest}.webp", alt.strip()[:300])


def _store(target: Path, content: bytes) -> None:
    """Whole or not at all, whoever else stores the same this moment."""
    if not target.exists():
        part = target.with_name(f".{target.name}.{secrets.token_hex(8)}")
        part.write_bytes(content)
        part.replace(target)
