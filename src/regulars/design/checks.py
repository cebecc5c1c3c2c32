"""Says at start-up what would otherwise show as a page without any style."""

from typing import Any

from django.core.checks import CheckMessage, Warning, register

from regulars.design.assets import DIST


@register()
def check_assets(**_: Any) -> list[CheckMessage]:
    """The style sheet was built."""
    if (DIST / "regulars.css").exists():
        return []
    return [
        Warning("The style sheet and the scripts are not built.", hint="Run `make assets`.", id="design.W001")
    ]
