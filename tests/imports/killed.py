"""A process of its own: imports a file in small batches, telling of each, until it is done or killed."""

import sys
from pathlib import Path

import django

django.setup()

from regulars.imports import facade as imports  # noqa: E402 (needs Django to be set up)
from regulars.imports import operations  # noqa: E402
from tests.imports.world import ACTOR, NOW  # noqa: E402

operations.BATCH_ITEMS = 25
report = imports.import_file(
    actor=ACTOR,
    now=NOW,
    kind=imports.ImportKind.ORDERS,
    path=Path(sys.argv[1]),
    options=imports.ImportOptions(create_members=True),
    on_progress=lambda progress: print(progress.rows, flush=True),
)
print(f"new {report.new} unchanged {report.unchanged} rejected {report.rejected}", flush=True)
