"""Refusals as problem+json (RFC 9457): a status, a stable `code`, one sentence, and facts."""

import json
import logging
from http import HTTPStatus
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.serializers.json import DjangoJSONEncoder
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from regulars.api.outages import RETRY_AFTER_SECONDS, is_outage
from regulars.kit.errors import (
    Conflict,
    InvalidInput,
    NotAllowed,
    NotFound,
    Refusal,
    TooMany,
    Unavailable,
)

logger = logging.getLogger(__name__)

CONTENT_TYPE = "application/problem+json"
_STATUS: dict[type[Refusal], HTTPStatus] = {
    InvalidInput: HTTPStatus.UNPROCESSABLE_ENTITY,
    NotFound: HTTPStatus.NOT_FOUND,
    NotAllowed: HTTPStatus.FORBIDDEN,
    Conflict: HTTPStatus.CONFLICT,
    TooMany: HTTPStatus.TOO_MANY_REQUESTS,
    Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}
_CODES = {
    HTTPStatus.BAD_REQUEST: "bad_request",
    HTTPStatus.NOT_FOUND: "not_found",
    HTTPStatus.METHOD_NOT_ALLOWED: "method_not_allowed",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "request_too_large",
    HTTPStatus.INTERNAL_SERVER_ERROR: "server_error",
}
_RESERVED = frozenset({"type", "title", "status", "detail", "code"})


def status_of(refusal: Refusal) -> HTTPStatus:
    """The HTTP status of a refusal: that of the base class which says what kind it is."""
    for base in type(refusal).__mro__:
        if base in _STATUS:
            return _STATUS[base]
    return HTTPStatus.BAD_REQUEST


def describe(refusal: Refusal) -> dict[str, Any]:
    """A refusal as the body of a problem."""
    return _body(status_of(refusal), refusal.code, refusal.detail, refusal.extra)


def respond(status: HTTPStatus, detail: str, *, code: str = "", **extra: Any) -> HttpResponse:
    """A problem as a response. Without a code it gets that of its status."""
    body = _body(status, code or _CODES.get(status, "refused"), detail, extra)
    content = json.dumps(body, cls=DjangoJSONEncoder, ensure_ascii=False)
    return HttpResponse(content, status=status, content_type=CONTENT_TYPE)


def respond_to_refusal(_request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """A refusal as a response."""
    content = json.dumps(describe(refusal), cls=DjangoJSONEncoder, ensure_ascii=False)
    response = HttpResponse(content, status=status_of(refusal), content_type=CONTENT_TYPE)
    if seconds := refusal.extra.get("retry_after_seconds"):
        response["Retry-After"] = str(seconds)
    return response


def register_problems(api: NinjaAPI) -> None:
    """Make every error that can come out of an operation a problem."""
    handlers: dict[type[Exception], Any] = {
        Refusal: respond_to_refusal,
        ValidationError: _respond_to_validation,
        AuthenticationError: _respond_to_stranger,
        HttpError: _respond_to_http_error,
        Http404: respond_to_missing,
        RequestDataTooBig: _respond_to_size,
        Exception: _respond_to_crash,
    }
    for error, handler in handlers.items():
        api.add_exception_handler(error, handler)


def _body(status: HTTPStatus, code: str, detail: str, extra: dict[str, Any]) -> dict[str, Any]:
    facts = {name: value for name, value in extra.items() if name not in _RESERVED}
    return {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "code": code,
        "detail": detail,
        **facts,
    }


def list_faults(errors: list[Any]) -> list[dict[str, str]]:
    """What is wrong and where, out of pydantic's errors: `{"field": "lines.0.sku", "message": …}`."""
    return [
        {
            "field": ".".join(str(part) for part in error["loc"]),
            "message": str(error["msg"]),
        }
        for error in errors
    ]


def _respond_to_validation(_request: HttpRequest, error: ValidationError) -> HttpResponse:
    faults = list_faults(error.errors)
    first = f"{faults[0]['field']}: {faults[0]['message']}" if faults else "The request makes no sense."
    return respond(HTTPStatus.UNPROCESSABLE_ENTITY, first, code="invalid_input", errors=faults)


def _respond_to_stranger(_request: HttpRequest, _error: AuthenticationError) -> HttpResponse:
    response = respond(
        HTTPStatus.UNAUTHORIZED, "Send a valid API key as `Authorization: Bearer …`.", code="unauthenticated"
    )
    response["WWW-Authenticate"] = 'Bearer realm="api"'
    return response


def _respond_to_http_error(_request: HttpRequest, error: HttpError) -> HttpResponse:
    # What our parser had to say is wrapped once by the framework.
    cause = error.__cause__
    detail = cause.message if isinstance(cause, HttpError) else error.message
    return respond(HTTPStatus(error.status_code), detail)


def respond_to_missing(_request: HttpRequest, _error: Http404 | None = None) -> HttpResponse:
    """Nothing stands at the address."""
    return respond(HTTPStatus.NOT_FOUND, "There is nothing at this address.")


def _respond_to_size(_request: HttpRequest, _error: RequestDataTooBig) -> HttpResponse:
    return respond(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The request is too large.")


def _respond_to_crash(request: HttpRequest, error: Exception) -> HttpResponse:
    if is_outage(error):
        logger.warning("%s %s: the database does not answer: %s", request.method, request.path, error)
        return _respond_to_outage()
    logger.error("%s %s failed", request.method, request.path, exc_info=error)
    return respond(HTTPStatus.INTERNAL_SERVER_ERROR, "Something broke on our side; it has been noted.")


def _respond_to_outage() -> HttpResponse:
    response = respond(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "The database does not answer now. Ask again, under the same key: this may or may not be done.",
        code=Unavailable.code,
        retry_after_seconds=RETRY_AFTER_SECONDS,
    )
    response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response
