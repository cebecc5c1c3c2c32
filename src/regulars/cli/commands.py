"""Which commands there are. A new one is a module and one line here.

A command's module is imported when the command is called, after Django is set up, so that `regulars --help`
needs neither Django nor a database, and the module may import models at its top.
"""

import gc
import importlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import click


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a command is, as module:name, and what it does, in one line for the list."""

    target: str
    help: str
    needs_django: bool = True


COMMANDS: Mapping[str, Entry] = {
    "up": Entry("regulars.cli.up:up", "Run everything: the web server and the worker."),
    "web": Entry("regulars.cli.web:web", "Run the web server alone.", needs_django=False),
    "demo": Entry("regulars.cli.demo:demo_", "Try it on a year of real purchases.", needs_django=False),
    "import": Entry("regulars.cli.importing:import_", "Bring in orders, members and more from files."),
    "worker": Entry("regulars.cli.worker:worker", "Run a worker alone; run more of them on more machines."),
    "migrate": Entry("regulars.cli.migrate:migrate", "Bring the database up to date."),
    "backup": Entry("regulars.cli.backup:backup", "Write everything that must survive into one file."),
    "restore": Entry("regulars.cli.backup:restore", "Make everything what it was when a backup was made."),
    "move": Entry("regulars.cli.backup:move", "Move the database to a PostgreSQL of your own."),
    "ledger": Entry("regulars.cli.ledger:ledger", "Seal the ledger, publish checkpoints, write statements."),
    "verify": Entry(
        "regulars.cli.verify:verify", "Check a statement or checkpoints, offline.", needs_django=False
    ),
    "doctor": Entry("regulars.cli.doctor:doctor", "Look for trouble and say what to do about it."),
    "programme": Entry("regulars.cli.programme:programme", "Check, publish or show the programme."),
    "member": Entry("regulars.cli.member:member", "Merge two members who are one, and part them."),
    "operator": Entry("regulars.cli.operator:operator", "Let someone into the console, and out."),
    "finance": Entry("regulars.cli.finance:finance_", "What is owed in points, what moved, and the books."),
    "facts": Entry(
        "regulars.cli.facts:facts", "The columnar copy that measures are taken from: sync, verify."
    ),
    "insights": Entry(
        "regulars.cli.insights:insights", "Retention, RFM and lifetime value of anybody's order file."
    ),
    "segment": Entry("regulars.cli.segment:segment", "Audiences: list, show, rebuild."),
    "recommend": Entry("regulars.cli.recommend:recommend_", "Compare, train and list the models of shelves."),
    "key": Entry("regulars.cli.key:key", "Give a shop's system a key to the API, or end it."),
    "widget": Entry("regulars.cli.widget:widget", "Sites and keys of the widget on a shop's own pages."),
}


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports the one that is called."""

    def __init__(self, name: str, entries: Mapping[str, Entry], **attributes: Any) -> None:
        super().__init__(name, **attributes)
        self.entries = entries

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  (click's signature)
        """The names, in the order of the table."""
        return list(self.entries)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import the command."""
        entry = self.entries.get(cmd_name)
        if entry is None:
            return None
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "regulars.config.settings")
        module, name = entry.target.split(":")
        with _collector_off():
            if entry.needs_django:
                _set_up_django()
            command = getattr(importlib.import_module(module), name)
        assert isinstance(command, click.Command)  # noqa: S101  (the table names commands only)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List the commands without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.help) for name, entry in self.entries.items()])


def _set_up_django() -> None:
    """Load settings and rooms. Needs no database."""
    # Not at the top: `regulars --help` must be there at once.
    import django  # noqa: PLC0415

    django.setup()


@contextmanager
def _collector_off() -> Iterator[None]:
    """A thousand modules leave no garbage, and stay: looking for it took a quarter of every start."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
