"""Dataclasses as values ready for JSON, and back, by their annotations."""

import functools
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydantic import TypeAdapter


def shape_of(kind: Any) -> "TypeAdapter[Any]":
    """What writes and reads values of this type; made once for a process, when first asked for."""
    return _make(kind)


@functools.cache
def _make(kind: Any) -> "TypeAdapter[Any]":
    # Not at the top: loading it and looking through a report's types took a fifth of every command's start.
    from pydantic import TypeAdapter  # noqa: PLC0415

    return TypeAdapter(kind)
