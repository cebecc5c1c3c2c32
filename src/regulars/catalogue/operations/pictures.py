"""Uploads: a file is what its content says it is, and it is stored under the hash of that content."""

import hashlib
import os
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction

from regulars.catalogue.images import FOLDER, recognise_image
from regulars.catalogue.types import Picture, PictureSource
from regulars.kit.actor import Actor
from regulars.trail import facade as trail


@transaction.atomic(durable=True)
def save_picture(*, actor: Actor, now: datetime, content: bytes, alt: str) -> Picture:
    """Store an uploaded picture (PNG, JPEG or WebP, by content) and answer how to refer to it.

    The same content twice is one file. Raises PictureRefused. Leaves a line in the audit trail.
    """
    image = recognise_image(content)
    name = f"{hashlib.sha256(content).hexdigest()}.{image.suffix}"
    folder = Path(settings.MEDIA_ROOT) / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / name
    if not target.exists():
        part = folder / f".{name}.{os.getpid()}"
        part.write_bytes(content)
        part.replace(target)
    details = {"width": image.width, "height": image.height, "bytes": len(content)}
    trail.record_audit(
        actor=actor, now=now, action="picture.saved", subject=f"picture:{name[:32]}", details=details
    )
    return Picture(PictureSource.MEDIA, name, alt.strip()[:300])
