"""`regulars demo`: a shop with a year of real purchases, and then everything that `regulars up` runs."""
# ruff: noqa: E402 (what is imported needs Django to be set up, and that needs the flag)

import os

# A demonstration says so on every page and shows sign-in codes on screen. Settings read this as they load,
# here and in the processes that `serve` starts.
os.environ["REGULARS_DEMO"] = "1"

import click
import django

django.setup()

from regulars.cli.migrate import apply_migrations
from regulars.cli.progress import track
from regulars.cli.startup import with_database
from regulars.cli.up import serve, url
from regulars.cli.web import address_options, require_free_address
from regulars.demo import facade as demo
from regulars.demo.facade import DemoReport, SignIn
from regulars.facts import facade as facts
from regulars.kit.clock import utc_now

SIMULATED = {
    "visit": "log-ins",
    "review": "reviews",
    "redemption": "redemptions",
    "birthday": "birthdays",
    "sign_up": "sign-ups",
}
PROOF = (
    "The points are the ledger's own sums; `regulars doctor --ledger` replays all of history to prove them."
)
NO_PROOF = "These points do NOT add up: `regulars doctor --ledger` says where."


@click.command(name="demo")
@address_options
@click.option("--load-only", is_flag=True, help="Load the data, tell what is there, and leave.")
@with_database
def demo_(host: str, port: int, threads: int, *, load_only: bool) -> None:
    """Try Regulars: load a year of a grocery's real purchases, then run everything until Ctrl-C.

    The first start takes a minute or two, the next ones seconds. The data are The Complete Journey by
    dunnhumby, moved to the present; names, log-ins, reviews and redemptions are simulated, and say so.
    """
    if not load_only:
        require_free_address(host, port)
    apply_migrations()
    report = _load()
    _show_totals(report)
    # The worker copies them while the store answers already.
    facts.ask_sync(now=utc_now())
    if not load_only:
        serve(host, port, threads, on_ready=lambda: _show_doors(report, url(host, port)))


def _load() -> DemoReport:
    if demo.is_loaded():
        return demo.load_demo(now=utc_now())
    with track("Loading a year of purchases", unit="lines") as shown:

        def tell(progress: demo.DemoProgress) -> None:
            shown.note(progress.doing)
            shown.reach(progress.done, progress.total)

        return demo.load_demo(now=utc_now(), on_progress=tell)


def _show_totals(report: DemoReport) -> None:
    totals = report.totals
    found = "loaded" if report.fresh else "found, loaded before"
    simulated = ", ".join(f"{totals.simulated.get(kind, 0):,} {word}" for kind, word in SIMULATED.items())
    click.echo(f"""
A year at Maple Street Market, {found}: {report.first_day} to {report.last_day}.
  members      {totals.members:,} households
  purchases    {totals.orders:,} orders, {totals.lines:,} lines: real ones, {report.weeks_moved} weeks later
  simulated    {simulated}
  catalogue    {totals.products:,} products, {totals.rewards} rewards
  points       {totals.points_issued:,} issued, {totals.points_outstanding:,} outstanding,
               {totals.points_spent:,} spent, {totals.points_given_back:,} of them given back,
               {totals.points_expired:,} expired
  tiers        {", ".join(f"{count:,} {name}" for name, count in totals.members_by_tier.items())}
{PROOF if totals.adds_up else NO_PROOF}""")


def _show_doors(report: DemoReport, address: str) -> None:
    click.echo(f"""
The store      {address}
               sign in with one of these addresses; the code appears on the page
{chr(10).join(_line(member) for member in report.members)}
The console    {address}console/
{_line(report.operator)}
The API        {address}api/docs
Ctrl-C stops everything; `regulars demo` starts it again in seconds.""")


def _line(who: SignIn) -> str:
    password = f"  password {who.password}" if who.password else ""
    return f"               {who.email}{password}  ({who.name}: {who.note})"
