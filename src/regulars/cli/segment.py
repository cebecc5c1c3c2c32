"""`regulars segment`: audiences, who is in them, and making them anew."""

import click

from regulars.cli.startup import with_database
from regulars.kit.clock import utc_now
from regulars.segments import facade as segments
from regulars.segments.facade import SegmentState, SegmentView

FAILED = 1


@click.group()
def segment() -> None:
    """Audiences: list them, show one, make them anew (docs/segments.md)."""


@segment.command(name="list")
@click.option("--archived", is_flag=True, help="With those that ended.")
@with_database
def list_(archived: bool) -> None:
    """List the segments with their size and how fresh they are."""
    found = segments.list_segments(with_archived=archived)
    width = max((len(one.code) for one in found), default=0)
    for one in found:
        click.echo(f"{one.code:<{width}}  {one.members_count:>10,}  {_freshness(one)}")
    if not found:
        click.echo("There are none yet: the worker makes the built-in ones within a minute.")


@segment.command()
@click.argument("code")
@with_database
def show(code: str) -> None:
    """Show what segment CODE means and how it stands."""
    one = segments.get_segment(code)
    click.echo(f"{one.name} ({one.code}), version {one.version}")
    click.echo(segments.describe_tree(tree=one.tree, now=utc_now()))
    click.echo(f"{one.members_count:,} members; {_freshness(one)}")
    for change in segments.list_history(code=code, size=5).items:
        way = "entered" if change.entered else "left"
        click.echo(f"  {change.happened_at:%Y-%m-%d %H:%M:%S} UTC  member {change.member_id} {way}")


@segment.command()
@click.argument("codes", nargs=-1)
@click.pass_context
@with_database
def rebuild(context: click.Context, codes: tuple[str, ...]) -> None:
    """Make segments anew: those of CODES, or all. Exit code 1: one failed and keeps its last members."""
    segments.request_rebuild(now=utc_now(), codes=tuple(segments.get_segment(code).code for code in codes))
    failed = False
    for code in codes or [one.code for one in segments.list_segments()]:
        done = segments.rebuild_segment(code=code, now=utc_now())
        if done.is_skipped:
            click.echo(f"{code}: another rebuild of it is under way.")
        elif done.error:
            failed = True
            click.echo(f"{code}: keeps its last members. {done.error}", err=True)
        else:
            click.echo(
                f"{code}: {done.members_count:,} members, {done.entered:,} entered, {done.left:,} left,"
                f" {done.seconds:.1f} s"
            )
    context.exit(FAILED if failed else 0)


def _freshness(one: SegmentView) -> str:
    if one.state is SegmentState.FAILING:
        return f"FAILING since {one.failed_at:%Y-%m-%d %H:%M} UTC: {one.error}"
    if one.fresh_at is None:
        return one.state.value
    return f"{one.state.value}, tested {one.fresh_at:%Y-%m-%d %H:%M:%S} UTC"
