"""What else is forgotten with a person: rooms above say what they keep of who somebody was."""

from collections.abc import Callable

from regulars.kit.ids import MemberId

Forget = Callable[[MemberId], None]
"""Takes away what a room keeps of who a member was, inside the transaction that erases them."""

_parts: dict[str, Forget] = {}


def register_erasure(name: str, forget: Forget) -> None:
    """Have this called whenever a member is erased. Called once, when the room's app is ready."""
    if _parts.setdefault(name, forget) is not forget:
        raise ValueError(f"An erasure called {name!r} is registered already.")


def forget_everywhere(member_id: MemberId) -> None:
    """Have every room above forget who the member was."""
    for forget in _parts.values():
        forget(member_id)
