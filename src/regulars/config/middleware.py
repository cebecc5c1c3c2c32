"""What every request of the store and the console goes through first."""

import ipaddress
from collections.abc import Callable, Sequence

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

Next = Callable[[HttpRequest], HttpResponseBase]
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def refuse_nul(get_response: Next) -> Next:
    """Refuse NUL characters, which neither PostgreSQL nor the file system can hold, once for every page.

    In a path: no such page. In the query or in a cookie (which may write it in octal): a bad request.
    """

    def guard(request: HttpRequest) -> HttpResponseBase:
        if "\x00" in request.path_info:
            raise Http404("An address must not hold a NUL character.")
        if "%00" in request.META.get("QUERY_STRING", "") or any(
            "\x00" in value for value in request.COOKIES.values()
        ):
            raise BadRequest("A request must not hold a NUL character.")
        return get_response(request)

    return guard


def find_client(get_response: Next) -> Next:
    """Put the visitor's own address where the reverse proxy's stands, so that limits count visitors."""

    def find(request: HttpRequest) -> HttpResponseBase:
        request.META["REMOTE_ADDR"] = resolve_client(
            request.META.get("REMOTE_ADDR", ""),
            request.META.get("HTTP_X_FORWARDED_FOR", ""),
            settings.TRUSTED_PROXIES,
        )
        return get_response(request)

    return find


def resolve_client(peer: str, forwarded_for: str, trusted: Sequence[Network]) -> str:
    """The nearest address that is not a trusted proxy's.

    Each proxy adds, on the right, whom it saw. So the way is walked from the right, for as long as whoever
    speaks is trusted; what stands further left may be made up.
    """
    client = peer
    for hop in reversed(forwarded_for.split(",")):
        speaker = _read(client)
        said = _read(hop)
        if speaker is None or said is None or not any(speaker in network for network in trusted):
            break
        client = str(said)
    return client


def _read(text: str) -> Address | None:
    """An address as proxies write it: bare, in brackets, or with a port."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    # A socket that listens for both kinds writes IPv4 as ::ffff:192.0.2.1.
    return getattr(address, "ipv4_mapped", None) or address
