"""Sees to it that the browser tests have a browser: `make test` runs this first.

Says nothing where there is one. As root on Debian or Ubuntu it installs the package; anywhere else it
leaves the machine as it is and says in one sentence what to install.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.browser import MISSING, find_chromium


def main() -> int:
    """Find a browser, or install one, or say what to do."""
    if os.environ.get("REGULARS_NO_BROWSER") == "1" or _found():
        return 0
    if shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0:
        print("Installing Chromium for the browser tests …")
        update, install = ["apt-get", "update"], ["apt-get", "install", "--yes", "--no-install-recommends"]
        shell, whole = (
            [*install, name, "fonts-noto-cjk"] for name in ("chromium-headless-shell", "chromium")
        )
        # A fresh container has no package lists yet, and older systems have no shell by itself.
        for command in (shell, update, shell, whole):
            subprocess.run(command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            if _found():
                return 0
    print(MISSING, file=sys.stderr)
    return 1


def _found() -> bool:
    found = find_chromium()
    if found is None:
        with sync_playwright() as playwright:
            found = find_chromium(Path(playwright.chromium.executable_path))
    return found is not None and found.exists()


if __name__ == "__main__":
    sys.exit(main())
