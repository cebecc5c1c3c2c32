"""The API as a whole: its routes, its document, its errors."""

from regulars import __version__
from regulars.api.docs import LocalDocs
from regulars.api.document import DocumentedApi
from regulars.api.parsing import StrictParser
from regulars.api.problems import register_problems
from regulars.api.routes import (
    activity,
    members,
    merging,
    points,
    quotes,
    recommendations,
    redemptions,
    rewards,
    segments,
)

DESCRIPTION = """
Orders and events in, points and rewards out.

- **Keys**: `Authorization: Bearer rgl_…`, made with `regulars key create`; each holds scopes.
- **Members** are named by our id (`17`) or by theirs: `external:H2375`, `email:…`, `phone:…`, `card:…`.
- **Again**: every POST takes an `Idempotency-Key`. The same request under the same key gets the same answer,
  with `Idempotent-Replayed: true`. Orders, returns and events also have a key of their own: `external_id`.
- **Refusals** are `application/problem+json` with a stable `code`; nothing has changed.
- **Lists** come in pages; pass `next_cursor` as `cursor` for the next one.
- **Money** is whole minor units (cents), points are whole numbers, times carry their offset from UTC.
- **Language**: reasons come in the language of `Accept-Language`: en, ru, zh-hans.
""".strip()

api = DocumentedApi(
    title="Regulars",
    version=__version__,
    description=DESCRIPTION,
    urls_namespace="api",
    docs=LocalDocs(),
    parser=StrictParser(),
)
for routes in (
    members,
    merging,
    points,
    activity,
    quotes,
    rewards,
    redemptions,
    segments,
    recommendations,
):
    api.add_router("/v1", routes.router)
register_problems(api)
