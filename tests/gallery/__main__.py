"""The gallery of screenshots: `python -m tests.gallery` (`make gallery`).

Loads the demonstration where it is not loaded yet, runs it, walks through its pages and writes docs/gallery/.
The exit code is 1 where a page complains of anything; the pictures are written all the same.
"""

import argparse
import contextlib
import http.client
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "docs" / "gallery"
BYTES_MAX = 10_000_000
START_SECONDS_MAX = 1_200


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.gallery", description=__doc__)
    parser.add_argument("--only", default="", help="take only pictures whose names hold this word")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the gallery is written")
    return parser.parse_args()


def main() -> int:
    """Set everything up, take the pictures, write the index, tell what is wrong."""
    os.environ |= {"REGULARS_DEMO": "1", "DJANGO_SETTINGS_MODULE": "regulars.config.settings"}
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # as tests/browser.py explains
    arguments = read_arguments()
    # These read the environment as they are imported.
    import django

    django.setup()
    from regulars.cli.startup import database
    from tests.gallery.camera import Complaints

    complaints = Complaints()
    with database(), demonstration() as url:
        take(url, arguments, complaints)
    size = sum(path.stat().st_size for path in arguments.folder.iterdir())
    print(f"{arguments.folder}: {size / 1e6:.1f} MB")
    if size > BYTES_MAX:
        complaints.found.append(f"The gallery is larger than {BYTES_MAX / 1e6:.0f} MB.")
    for each in complaints.found:
        print(each, file=sys.stderr)
    return 1 if complaints.found else 0


def take(url: str, arguments: argparse.Namespace, complaints: "object") -> None:
    """The pictures asked for, and the pages that show them all."""
    from dataclasses import replace

    from playwright.sync_api import sync_playwright

    from tests.browser import FLAGS, MISSING, find_chromium
    from tests.gallery.camera import Set, take_all
    from tests.gallery.index import list_pictures, write_index
    from tests.gallery.pages import GROUPS
    from tests.gallery.staging import set_stage

    scene = set_stage()
    folder: Path = arguments.folder
    folder.mkdir(parents=True, exist_ok=True)
    wanted = [
        replace(
            group, shots=tuple(shot for shot in group.shots if arguments.only in f"{group.name}-{shot.name}")
        )
        for group in GROUPS
    ]
    with sync_playwright() as playwright:
        chromium = find_chromium(Path(playwright.chromium.executable_path or ""))
        if chromium is None:
            raise SystemExit(MISSING)
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        take_all(Set(browser, url, scene, folder, complaints), wanted)
        browser.close()
    known = list_pictures(GROUPS)
    for path in folder.glob("*.webp"):
        if path.name not in known:
            path.unlink()
    write_index(folder, GROUPS)


@contextlib.contextmanager
def demonstration() -> Iterator[str]:
    """`regulars demo` until it answers; stopped at the end."""
    from tests.cli.terminal import free_port

    port = free_port()
    command = [str(Path(sys.executable).with_name("regulars")), "demo", "--port", str(port)]
    process = subprocess.Popen(command)
    try:
        deadline = time.monotonic() + START_SECONDS_MAX
        while not answers(port):
            if process.poll() is not None:
                raise SystemExit(f"The demonstration ended with exit code {process.returncode}.")
            if time.monotonic() > deadline:
                raise SystemExit("The demonstration did not answer in time.")
            time.sleep(0.5)
        yield f"http://localhost:{port}"
    finally:
        process.terminate()
        process.wait(timeout=60)


def answers(port: int) -> bool:
    """Whether a page can be had there."""
    try:
        connection = http.client.HTTPConnection("localhost", port, timeout=5)
        connection.request("GET", "/sign-in/")
        return connection.getresponse().status < 500
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(main())
