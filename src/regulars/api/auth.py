"""Who calls: an API key, sent as a bearer token."""

from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest
from ninja.security import HttpBearer

from regulars.api.rate import RateLimit
from regulars.identity.facade import ApiKeyInfo, Scope, check_scope, recognise_api_key
from regulars.kit.clock import utc_now

RATE = RateLimit(rate_per_second=settings.API_RATE_PER_SECOND, burst=2 * settings.API_RATE_PER_SECOND)

COUNTED = "regulars.counted"
"""In a request's environment: the quick lane has counted it, and left it to the full stack."""


class ApiKey(HttpBearer):
    """Lets a key in that holds `scope`. One query a second for each key."""

    openapi_description = "An API key of the console, as `Authorization: Bearer rgl_…`."

    def __init__(self, scope: Scope) -> None:
        super().__init__()
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        """The key, or None. Raises ScopeMissing, TooMany."""
        key = recognise_api_key(token, utc_now())
        if key is None:
            return None
        if not request.META.get(COUNTED):
            RATE.take(key.prefix)
        check_scope(key, self.scope)
        return key


def key_of(request: HttpRequest) -> ApiKeyInfo:
    """The key that an authenticated request came with."""
    return cast(ApiKeyInfo, request.auth)  # type: ignore[attr-defined]
