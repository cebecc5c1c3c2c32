"""The OpenAPI document: what the framework derives from the shapes, and what it cannot know."""

from typing import Any

from ninja import NinjaAPI

from regulars.api.auth import ApiKey
from regulars.api.replies import HEADER
from regulars.api.schemas.scalars import ProblemOut

_BATCHES = {
    "MemberBatchIn": ("members", "MemberIn"),
    "OrderBatchIn": ("orders", "OrderIn"),
    "ReturnBatchIn": ("returns", "ReturnIn"),
    "EventBatchIn": ("events", "EventIn"),
}
_PROBLEM = {
    "description": "Refused: nothing has changed. `code` says why.",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemOut"}}},
}
_KEY = {
    "in": "header",
    "name": HEADER,
    "required": False,
    "description": "A name for this very request, such as a UUID. Sent again under the same key, it gets "
    "the same answer and nothing happens twice; with another body it is a conflict (409).",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
}
_KEY_NEEDED = {"redeem_reward", "adjust_points", "give_points"}


class DocumentedApi(NinjaAPI):
    """Adds to the derived document: refusals, idempotency keys, scopes, and the items of batches."""

    _document: Any = None

    def get_openapi_schema(self, *args: Any, **kwargs: Any) -> Any:
        """The whole document as plain values. It never changes, so it is put together once."""
        if self._document is None:
            self._document = self._put_together(*args, **kwargs)
        return self._document

    def get_openapi_operation_id(self, operation: Any) -> str:
        """The handler's own name: `redeem_reward`."""
        return str(operation.view_func.__name__)

    def _put_together(self, *args: Any, **kwargs: Any) -> Any:
        document = super().get_openapi_schema(*args, **kwargs)
        schemas = document["components"]["schemas"]
        schemas["ProblemOut"] = ProblemOut.model_json_schema()
        for batch, (field, item) in _BATCHES.items():
            schemas[batch]["properties"][field]["items"] = {"$ref": f"#/components/schemas/{item}"}
        scopes = self._scopes()
        for methods in document["paths"].values():
            for method, operation in methods.items():
                _complete(method, operation, scopes[operation["operationId"]])
        return document

    def _scopes(self) -> dict[str, str]:
        """Which scope each operation needs."""
        found = {}
        for bound in self._get_bound_routers():
            for view in bound.path_operations.values():
                for operation in view.operations:
                    for auth in operation.auth_callbacks:
                        if isinstance(auth, ApiKey):
                            found[self.get_openapi_operation_id(operation)] = auth.scope.value
        return found


def _complete(method: str, operation: dict[str, Any], scope: str) -> None:
    operation["responses"]["default"] = _PROBLEM
    operation["security"] = [{ApiKey.__name__: [scope]}]
    operation["description"] = f"{operation.get('description', '')}\n\nScope: `{scope}`.".strip()
    if method == "post":
        key = _KEY | {"required": operation["operationId"] in _KEY_NEEDED}
        operation["parameters"] = [*operation["parameters"], key]
