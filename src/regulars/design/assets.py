"""What the asset build made, as far as templates need it."""

import functools
import json
from pathlib import Path

DIST = Path(__file__).parent / "static" / "design" / "dist"


@functools.cache
def load_icons() -> dict[str, str]:
    """Icon name → the inside of its SVG; empty where the assets were not built."""
    try:
        return dict(json.loads((DIST / "icons.json").read_text(encoding="utf-8")))
    except FileNotFoundError:
        return {}


@functools.cache
def load_script(name: str) -> str:
    """A script's text, for one that is served under an address of its own; empty where it was not built."""
    try:
        return (DIST / name).read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
