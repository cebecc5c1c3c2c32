"""`regulars member`: two members who are one person, merged and parted."""

import click

from regulars.cli.startup import with_database
from regulars.earning import facade as earning
from regulars.earning.facade import MergeOutcome
from regulars.kit.actor import SYSTEM
from regulars.kit.clock import utc_now
from regulars.kit.ids import MemberId
from regulars.members import facade as members
from regulars.members.facade import IdentityKind, MemberProfile


@click.group()
def member() -> None:
    """Merge two members who are one person, and part them again."""


@member.command()
@click.argument("member_")
@click.argument("into")
@click.option("--reason", required=True, help="Why they are one; it stays in the audit trail.")
@with_database
def merge(member_: str, into: str, reason: str) -> None:
    """Merge MEMBER into INTO (the shop's own id, or # and our number): points and names go over."""
    outcome = earning.merge_members(
        actor=SYSTEM,
        now=utc_now(),
        member_id=find(member_).id,
        into_member_id=find(into).id,
        reason=reason,
    )
    click.echo(f"Member #{outcome.member_id} is merged into #{outcome.into_member_id}.")
    _tell(outcome)
    click.echo(f"To undo it: regulars member unmerge '#{outcome.member_id}' --reason …", err=True)


@member.command()
@click.argument("number")
@click.option("--reason", required=True, help="Why they are two; it stays in the audit trail.")
@with_database
def unmerge(number: str, reason: str) -> None:
    """Part the merged member NUMBER (our number, as #17) from the other again."""
    outcome = earning.undo_merge(actor=SYSTEM, now=utc_now(), member_id=find(number).id, reason=reason)
    click.echo(f"Member #{outcome.member_id} stands for themselves again.")
    _tell(outcome)


def find(word: str) -> MemberProfile:
    """The member whom `#17` or the shop's own id names. Raises MemberUnknown."""
    if word[:1] == "#" and word[1:].isdecimal():
        return members.get_member(MemberId(int(word[1:])))
    profile = members.find_member(IdentityKind.EXTERNAL, word)
    if profile is None:
        raise members.MemberUnknown(f"There is no member {word}.")
    return profile


def _tell(outcome: MergeOutcome) -> None:
    for moved in outcome.moved:
        words = [f"{moved.active:,} active", f"{moved.pending:,} pending"]
        words += [f"{moved.debt:,} owed"] * bool(moved.debt)
        words += [f"{moved.missing:,} could not go back"] * bool(moved.missing)
        click.echo(f"{moved.currency.value}: {', '.join(words)}")
