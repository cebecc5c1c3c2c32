"""Find the shop filled or fill it, sign in, and time page after page."""

from django.core.management import call_command
from django.test import Client

from bench.bench_console.fill import fill
from bench.bench_console.pages import give_examples, list_paths, list_variants, measure
from bench.pgbench import Server
from regulars.identity import facade as identity
from regulars.identity.models import Operator
from regulars.identity.sessions import NUMBER
from regulars.kit.actor import SYSTEM
from regulars.kit.clock import utc_now
from regulars.ledger.facade import note_points, renew_reach
from regulars.members.models import Member
from regulars.tiers.facade import note_ranks

LIMIT_MS = 300
EMAIL = "bench@example.org"


def prepare(server: Server, members: int) -> None:
    """Tables, and where there is nobody yet, the members and all that is theirs."""
    call_command("migrate", verbosity=0)
    if not Member.objects.exists():
        print(f"filling a shop with {members:,} members", flush=True)
        fill(server, members)


def measure_pages(rounds: int, only: str) -> None:
    """Print each page's figures, and how many take longer than they may."""
    # What the worker does every five minutes.
    renew_reach(now=utc_now())
    note_points()
    note_ranks(now=utc_now())
    client = _sign_in(_hire())
    over = seen = 0
    print(f"{'page':72} {'median':>8} {'worst':>8} {'queries':>8} {'slowest':>8}")
    waiting = [path for path in list_paths(give_examples()) if only in path]
    known = set(waiting)
    while waiting:
        path = waiting.pop(0)
        timing, text = measure(client, path, rounds)
        if timing is None:
            continue
        if "?" not in path:
            variants = [one for one in list_variants(path, text) if one not in known]
            known.update(variants)
            waiting[:0] = variants
        seen += 1
        over += timing.median_ms > LIMIT_MS
        print(timing, flush=True)
        if timing.median_ms > LIMIT_MS:
            print(f"    slowest: {timing.slowest[:300]}")
    print(f"{seen} pages, {over} over {LIMIT_MS} ms")


def _sign_in(operator_id: int) -> Client:
    client = Client(SERVER_NAME="localhost")
    client.force_login(Operator.objects.get(id=operator_id))
    session = client.session
    session[NUMBER] = identity.open_operator_session(
        operator_id=operator_id, way=identity.SignInWay.PASSWORD, agent="bench", address="", now=utc_now()
    )
    session.save()
    return client


def _hire() -> int:
    found = Operator.objects.filter(email=EMAIL).first()
    if found is not None:
        return int(found.pk)
    made = identity.create_operator(
        actor=SYSTEM,
        now=utc_now(),
        email=EMAIL,
        password="a long enough phrase",  # noqa: S106 (of a shop that is thrown away)
        role=identity.Role.OWNER,
        name="Bench",
    )
    return int(made.id)
