"""Answers: a shape as JSON, and the same answer again to a request that is repeated under its key."""

import hashlib
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Concatenate, ParamSpec, cast

from django.http import HttpRequest, HttpResponse
from pydantic import BaseModel

from regulars.api.auth import key_of
from regulars.api.errors import KeyNeeded
from regulars.api.giving import REPLAYED
from regulars.kit.clock import utc_now
from regulars.kit.fingerprint import fingerprint
from regulars.trail.facade import answer_once

HEADER = "Idempotency-Key"

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def reply(shape: BaseModel, status: HTTPStatus = HTTPStatus.OK) -> HttpResponse:
    """A shape as a response."""
    return HttpResponse(shape.model_dump_json(), status=status, content_type="application/json")


def once(view: View[P]) -> View[P]:
    """Honour `Idempotency-Key`: the first good answer under a key is kept for ever, and given again.

    The same key with another body, path or method is a conflict (409). A refusal changes nothing and is not
    kept, so that the request can be mended or simply tried again. Keys belong to the API key that sent them.
    """

    @wraps(view)
    def answered(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        key = request.headers.get(HEADER)
        if key is None:
            return view(request, *args, **kwargs)

        def execute() -> tuple[int, bytes]:
            response = view(request, *args, **kwargs)
            return response.status_code, response.content

        body_hash = hashlib.sha256(request.body).hexdigest()
        answer = answer_once(
            scope=f"api:{key_of(request).prefix}",
            key=key,
            input_hash=fingerprint([request.method, request.path, body_hash]),
            now=utc_now(),
            execute=execute,
        )
        response = HttpResponse(answer.body, status=answer.status, content_type="application/json")
        if answer.replayed:
            response[REPLAYED] = "true"
        return response

    return cast(View[P], answered)


def need_key(request: HttpRequest) -> str:
    """The request's Idempotency-Key. Raises KeyNeeded."""
    key = request.headers.get(HEADER)
    if not key:
        raise KeyNeeded(f"Send an {HEADER} header, such as a UUID: this request moves points.")
    return key
