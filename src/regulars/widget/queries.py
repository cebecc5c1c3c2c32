"""Reads of the widget."""

from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.utils.crypto import salted_hmac

from regulars.widget.errors import WidgetKeyUnknown
from regulars.widget.models import Key, Site
from regulars.widget.policies import split_key
from regulars.widget.types import WidgetKey

DEMO_KID = "wk_demonstration"


def list_widget_keys() -> list[WidgetKey]:
    """Every key ever made, latest first. One query."""
    return [widget_key(row) for row in Key.objects.order_by("-id")]


def get_widget_key(kid: str) -> WidgetKey:
    """One key. Raises WidgetKeyUnknown."""
    row = Key.objects.filter(kid=kid).first()
    if row is None:
        raise WidgetKeyUnknown(f"There is no key {kid} of the widget.")
    return widget_key(row)


def find_widget_key(kid: str) -> WidgetKey | None:
    """The key that a token names; in a demonstration its own key as well. One query."""
    if kid == DEMO_KID and may_demonstrate():
        return WidgetKey(
            DEMO_KID, "Demonstration", split_key(_demo_key())[0], datetime.min.replace(tzinfo=UTC)
        )
    row = Key.objects.filter(kid=kid).first()
    return widget_key(row) if row else None


def list_sites() -> tuple[str, ...]:
    """The origins whose pages may show the widget, sorted. One query."""
    return tuple(Site.objects.order_by("origin").values_list("origin", flat=True))


def may_demonstrate() -> bool:
    """Whether the page that shows the widget at work exists: in debug and in a demonstration."""
    return bool(settings.DEBUG or settings.DEMO_MODE)


def get_demo_private_key() -> str:
    """The private half (PEM) of the demonstration's key; RuntimeError anywhere else.

    Derived from the secret key, so that every process has the same and none is stored.
    """
    if not may_demonstrate():
        raise RuntimeError("The demonstration's key signs nothing outside a demonstration.")
    return split_key(_demo_key())[1]


def widget_key(row: Key) -> WidgetKey:
    """The row as a value."""
    return WidgetKey(row.kid, row.label, bytes(row.public_key), row.created_at, row.ends_at, row.last_used_at)


def _demo_key() -> Ed25519PrivateKey:
    seed = salted_hmac("regulars.widget.demonstration", "key", algorithm="sha256").digest()
    return Ed25519PrivateKey.from_private_bytes(seed)
