"""`regulars demo` as a program: killed in the middle, started again, started once more."""

import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlencode

import psutil
import pytest
from django.db import connection

from regulars.kit.clock import utc_now
from regulars.ledger import facade as ledger
from tests.demo.small import write_small_dataset

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow,
]  # programs that load a year of a dozen households


def start(folder: Path) -> subprocess.Popen[str]:
    settings = connection.settings_dict
    query = urlencode({"host": settings["HOST"], "port": settings["PORT"]})
    environment = os.environ | {
        "DATABASE_URL": f"postgresql://{settings['USER']}@/{settings['NAME']}?{query}",
        "DJANGO_SETTINGS_MODULE": "regulars.config.settings",
    }
    return subprocess.Popen(
        [sys.executable, "-m", "tests.demo.started", str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )


def test_a_first_start_that_was_killed_is_taken_up_by_the_next(tmp_path) -> None:
    folder = write_small_dataset(tmp_path)
    issued_before = ledger.get_totals(utc_now()).issued
    killed = start(folder)
    assert killed.stderr is not None
    for line in killed.stderr:
        if "week 9," in line:
            killed.kill()
            break
    told = killed.communicate()[1]
    assert killed.returncode < 0, f"it was over before it could be killed: {told}"

    second = start(folder)
    said, told = second.communicate(timeout=300)
    assert second.returncode == 0, told
    totals = ledger.get_totals(utc_now())
    assert ledger.prove().ok
    assert "12 households" in said
    assert ", loaded: " in said
    (issued,) = re.findall(r"points +([\d,]+) issued", said)
    assert int(issued.replace(",", "")) == totals.issued > issued_before

    third = start(folder)
    said_again, told = third.communicate(timeout=300)
    assert third.returncode == 0, told
    assert "found, loaded before" in said_again
    figures, figures_again = (text[text.index("  members") :] for text in (said, said_again))
    assert figures == figures_again
    assert ledger.get_totals(utc_now()).entries == totals.entries


def test_a_partner_that_is_killed_is_told_and_the_next_start_goes_on(tmp_path) -> None:
    folder = write_small_dataset(tmp_path)
    first = start(folder)
    assert first.stderr is not None
    for line in first.stderr:
        if "week 5," in line:
            for child in psutil.Process(first.pid).children(recursive=True):
                if "spawn_main" in " ".join(child.cmdline()):
                    child.kill()
            break
    told = first.communicate(timeout=60)[1]
    assert first.returncode == 1
    assert "has ended; start again" in told
    assert "Traceback" not in told
    again = start(folder)
    _, told = again.communicate(timeout=300)
    assert again.returncode == 0, told
    assert ledger.prove().ok
