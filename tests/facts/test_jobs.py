"""Facts from the terminal and by jobs."""

import datetime as dt
import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.conf import settings
from procrastinate.contrib.django.models import ProcrastinateJob

from regulars.cli.checks import check_facts
from regulars.cli.facts import facts as command
from regulars.facts import tasks
from regulars.facts.facade import AnalyticsMissing, ask_sync, facts_from_arrow
from regulars.facts.models import FactsFile, FactsState
from tests.facts.worlds import NOW, buy, open_shop, sync

# Other connections must see what was written: each test commits, and empties the tables afterwards.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
HEAVY = (
    "ibis",
    "duckdb",
    "pyarrow",
    "pandas",
    "scipy",
    "sklearn",
    "lightgbm",
    "pyspark",
    "adbc_driver_manager",
)


def run(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(command, arguments)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.stdout


def find_august(facts_dir: Path) -> Path:
    """The file that holds the orders of August now."""
    return facts_dir / FactsFile.objects.get(table="orders", month="2026-08").file


def test_the_terminal_copies_compares_and_tells(facts_dir):
    ada, *_ = open_shop()
    assert "Nothing was copied yet" in run("status")[1]
    assert "13 rows in 4 files: 2026-07, 2026-08, 2026-09, 2026-10" in " ".join(run("sync")[1].split())
    assert json.loads(run("sync", "--json")[1])["transport"] == ""
    buy(ada, "new", dt.datetime(2026, 8, 8, tzinfo=dt.UTC))
    code, told = run("verify")
    assert (code, "orders 2026-08: written since, the next sync brings it" in told) == (0, True)
    assert json.loads(run("sync", "--whole", "--copy", "--json")[1])["transport"] == "copy"
    assert json.loads(run("status", "--json")[1])["tables"][0]["rows"] == 14
    find_august(facts_dir).write_bytes(b"")
    code, told = run("verify")
    assert (code, "orders 2026-08: its file was changed" in told) == (1, True)


def test_a_job_copies_and_tells_those_who_follow():
    open_shop()
    assert (ask_sync(now=NOW), ask_sync(now=NOW)) == (True, False)
    assert tasks.sync(timestamp=0) > 0
    waiting = sorted(ProcrastinateJob.objects.filter(status="todo").values_list("task_name", flat=True))
    assert waiting.count("facts.sync_facts") == waiting.count("analytics.refresh") == 1
    assert tasks.sync(timestamp=0) == 0


def test_the_nightly_job_mends_what_no_transaction_tells(facts_dir, caplog):
    open_shop()
    sync()
    assert tasks.mend(timestamp=0) == 0
    find_august(facts_dir).write_bytes(b"")
    assert tasks.mend(timestamp=0) > 0
    assert "orders 2026-08: its file was changed" in caplog.text
    assert tasks.mend(timestamp=0) == 0


def test_the_doctor_says_what_is_wrong_with_facts(facts_dir):
    def told(*, is_idle: bool = False) -> tuple[bool, str]:
        [finding] = check_facts(is_idle=is_idle)
        return finding.is_problem, finding.sentence

    assert told() == (
        False,
        "Nothing was copied yet: a worker does it, `regulars facts sync` does it now.",
    )
    open_shop()
    sync()
    assert not told()[0]
    FactsState.objects.update(synced_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    assert told()[0] and "stale" in told()[1]
    assert not told(is_idle=True)[0]
    find_august(facts_dir).unlink()
    assert told()[1].startswith("1 files are gone")


def test_without_the_extra_a_sentence_says_what_to_install(monkeypatch):
    for name in [name for name in sys.modules if name.startswith(("ibis", "regulars.facts.engine"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "ibis", None)
    monkeypatch.delattr("regulars.facts.engine", raising=False)
    with pytest.raises(AnalyticsMissing, match=r"pip install 'regulars\[analytics\]'"):
        facts_from_arrow({}, NOW.date())
    with pytest.raises(AnalyticsMissing):
        sync()
    assert tasks.sync(timestamp=0) == 0
    assert not FactsState.objects.exists()


def test_the_web_never_loads_what_measures_need():
    program = f"import sys, regulars.config.wsgi; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
    assert settings.ENGINE == ""
