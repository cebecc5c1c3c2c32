"""The page about settings knows every one of them."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_setting_is_on_the_page_and_no_other() -> None:
    read = set()
    for file in (ROOT / "src/regulars/config").glob("*.py"):
        read |= set(re.findall(r"\"((?:REGULARS|DATABASE)_[A-Z_]+)\"", file.read_text()))
    rows = re.findall(r"^\| `([A-Z_]+)` \|", (ROOT / "docs/operating.md").read_text(), re.MULTILINE)
    assert set(rows) == read
    assert len(rows) == len(set(rows))
