"""What crosses the door of the widget."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class WidgetKey:
    """The public half of a key with which a shop's backend signs member tokens."""

    kid: str
    label: str
    public_key: bytes
    created_at: datetime
    ends_at: datetime | None = None
    last_used_at: datetime | None = None

    def is_good(self, now: datetime) -> bool:
        """Whether what it signs is believed."""
        return self.ends_at is None or now < self.ends_at


@dataclass(frozen=True, slots=True)
class MemberClaim:
    """What a good token says: `subject` is a member (`17`, `external:H2375`), `site` where it is shown."""

    subject: str
    site: str
    kid: str
