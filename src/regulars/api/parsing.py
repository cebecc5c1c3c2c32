"""Reading JSON strictly: what cannot be stored or counted is refused before anything is done."""

import json
import re
from typing import Any, NoReturn

from django.http import HttpRequest
from ninja.errors import HttpError
from ninja.parser import Parser

# Escapes that may hide a NUL or half of a surrogate pair.
_SUSPICIOUS = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class StrictParser(Parser):
    """JSON in UTF-8 without NaN, NUL or broken Unicode."""

    def parse_body(self, request: HttpRequest) -> Any:
        """The body as plain values. Raises HttpError (400)."""
        body = request.body
        try:
            value = json.loads(body.decode(), parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as error:
            raise HttpError(400, f"The body is not JSON: {str(error)[:200]}") from error
        if _SUSPICIOUS.search(body):
            _check_text(value)
        return value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number of JSON")


def _check_text(value: Any) -> None:
    if isinstance(value, str):
        if _UNSTORABLE.search(value):
            raise HttpError(400, "Text must be valid Unicode without NUL characters.")
    elif isinstance(value, dict):
        for name, part in value.items():
            _check_text(name)
            _check_text(part)
    elif isinstance(value, list):
        for part in value:
            _check_text(part)
