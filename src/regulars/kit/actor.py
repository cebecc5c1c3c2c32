"""Who does something: carried by every write, stored with every entry."""

from dataclasses import dataclass
from enum import StrEnum


class ActorKind(StrEnum):
    """The kinds of actor that may change anything."""

    OPERATOR = "operator"
    API_KEY = "api_key"
    MEMBER = "member"
    IMPORT = "import"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts. `ref` is the id within the kind (an operator's number, a key's prefix, a job's name)."""

    kind: ActorKind
    ref: str = ""

    def __str__(self) -> str:
        return f"{self.kind}:{self.ref}" if self.ref else str(self.kind)


SYSTEM = Actor(ActorKind.SYSTEM)
