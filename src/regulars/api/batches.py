"""Batches: each item is checked by itself, so that one that makes no sense stops no other."""

from collections.abc import Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from regulars.api.errors import ItemInvalid
from regulars.api.problems import list_faults, status_of
from regulars.api.schemas.members import ResultProblemOut
from regulars.kit.errors import Refusal

S = TypeVar("S", bound=BaseModel)


def read_items(shape: type[S], items: Sequence[Any]) -> list[S | ItemInvalid]:
    """Each item as its shape, or why it is none."""
    return [_read(shape, item) for item in items]


def name_of(item: Any) -> str | None:
    """The external id of an item, where it has one."""
    name = item.get("external_id") if isinstance(item, dict) else None
    return name if isinstance(name, str) else None


def describe_problem(refusal: Refusal) -> ResultProblemOut:
    """Why an item was refused."""
    return ResultProblemOut(code=refusal.code, detail=refusal.detail, status=status_of(refusal))


def _read(shape: type[S], item: Any) -> S | ItemInvalid:
    try:
        return shape.model_validate(item)
    except ValidationError as error:
        fault = list_faults(list(error.errors(include_url=False, include_input=False)))[0]
        where = f"{fault['field']}: " if fault["field"] else ""
        return ItemInvalid(f"{where}{fault['message']}")
