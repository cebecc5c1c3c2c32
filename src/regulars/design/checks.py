"""Says at start-up what would otherwise show as a page without any style."""

from typing import Any

from django.core import checks

from regulars.design.assets import DIST


@checks.register()
def check_assets(**_: Any) -> list[checks.CheckMessage]:
    """The style sheet was built."""
    if (DIST / "regulars.css").exists():
        return []
    return [
        checks.Warning(
            "The style sheet and the scripts are not built.", hint="Run `make assets`.", id="design.W001"
        )
    ]
