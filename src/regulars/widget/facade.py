"""The door of the widget: keys of shops' backends, sites that may show it, member tokens."""

from regulars.widget.errors import (
    OriginInvalid,
    OriginRefused,
    TokenExpired,
    TokenRefused,
    WidgetKeyInvalid,
    WidgetKeyUnknown,
)
from regulars.widget.operations import (
    allow_sites,
    check_token,
    make_widget_key,
    revoke_widget_key,
    rotate_widget_key,
)
from regulars.widget.policies import (
    ALGORITHM,
    AUDIENCE,
    CLOCK_SKEW,
    LABEL_LENGTH_MAX,
    OVERLAP_DEFAULT,
    TOKEN_LIFE_MAX,
    read_origin,
    read_origins,
)
from regulars.widget.queries import (
    DEMO_KID,
    find_widget_key,
    get_demo_private_key,
    get_widget_key,
    list_sites,
    list_widget_keys,
    may_demonstrate,
)
from regulars.widget.types import MemberClaim, WidgetKey

__all__ = [
    "ALGORITHM",
    "AUDIENCE",
    "CLOCK_SKEW",
    "DEMO_KID",
    "LABEL_LENGTH_MAX",
    "OVERLAP_DEFAULT",
    "TOKEN_LIFE_MAX",
    "MemberClaim",
    "OriginInvalid",
    "OriginRefused",
    "TokenExpired",
    "TokenRefused",
    "WidgetKey",
    "WidgetKeyInvalid",
    "WidgetKeyUnknown",
    "allow_sites",
    "check_token",
    "find_widget_key",
    "get_demo_private_key",
    "get_widget_key",
    "list_sites",
    "list_widget_keys",
    "make_widget_key",
    "may_demonstrate",
    "read_origin",
    "read_origins",
    "revoke_widget_key",
    "rotate_widget_key",
]
