"""The surfaces under 16 concurrent clients, beside a server that does nothing.

    REGULARS_DATA=.data .venv/bin/python -m bench.bench_http [--requests 3200] [--rounds 3]

Needs a data directory that the demo has filled. Orders are posted for members of the demo: they are real.
"""

import argparse
import http.client
import json
import re
import statistics
import subprocess
import uuid
from collections.abc import Callable
from datetime import UTC, datetime

import psutil

from bench.http_load import Load, Target, run_load
from bench.serving import REGULARS, hello_web, regulars_web

# Sixteen people who look at each page for some seconds, beside sixteen machines that never wait.
PAUSE_SECONDS = 2
READ_MAX = 400
READERS = f"store home, {PAUSE_SECONDS} s between"
SECRET = re.compile(r"rgl_\S+")


def main() -> None:
    """Measure in turn, `rounds` times, and print medians with their ratio to the empty server."""
    options = _options()
    with regulars_web() as port, hello_web() as empty:
        members = _members(port)
        targets: dict[str, Callable[[], Target]] = {
            "nothing (the limit)": lambda: Target(empty, "GET", ("/",), {}),
            "GET balance": lambda: _balance(port, members),
            "store home": lambda: _home(port),
            READERS: lambda: _home(port),
            "POST order of one line": lambda: _orders(port, members, options.requests),
        }
        made = {name: make() for name, make in targets.items() if name != "POST order of one line"}
        rounds: dict[str, list[Load]] = {name: [] for name in targets}
        spent: dict[str, list[float]] = {name: [] for name in targets}
        for target in made.values():
            run_load(target, requests=160)
        for _ in range(options.rounds):
            for name, make in targets.items():
                target = made.get(name) or make()
                before = _cpu_seconds(target.port)
                pause = PAUSE_SECONDS if name == READERS else 0
                requests = min(options.requests, READ_MAX) if pause else options.requests
                rounds[name].append(run_load(target, requests=requests, pause_seconds=pause))
                spent[name].append((_cpu_seconds(target.port) - before) / requests * 1000)
    limit = statistics.median(load.per_second for load in rounds["nothing (the limit)"])
    for name, loads in rounds.items():
        middle = sorted(loads, key=lambda load: load.per_second)[len(loads) // 2]
        cpu_ms = statistics.median(spent[name])
        print(f"{name:24} {middle}   {middle.per_second / limit:6.3f} × limit   {cpu_ms:6.2f} ms CPU")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=3200)
    parser.add_argument("--rounds", type=int, default=3)
    return parser.parse_args()


def _cpu_seconds(port: int) -> float:
    """What the web server on that port has used so far, its children too; the database is not counted."""
    family = psutil.Process().children(recursive=True)
    servers = [one for one in family if str(port) in one.cmdline()]
    everyone = {one.pid: one for server in servers for one in [server, *server.children(recursive=True)]}
    return sum(sum(one.cpu_times()[:2]) for one in everyone.values())


def _key() -> dict[str, str]:
    printed = subprocess.run(
        [str(REGULARS), "key", "create", "benchmark"], check=True, capture_output=True, text=True
    ).stdout
    found = SECRET.search(printed)
    if found is None:
        raise SystemExit(f"no key in: {printed}")
    return {"Authorization": f"Bearer {found[0]}"}


def _ask(port: int, path: str, headers: dict[str, str]) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path, headers=headers)
    return connection.getresponse()


def _members(port: int) -> tuple[dict[str, str], list[str]]:
    headers = _key()
    answer = json.load(_ask(port, "/api/v1/members?size=100", headers))
    return headers, [str(member["external_id"]) for member in answer["items"]]


def _balance(port: int, members: tuple[dict[str, str], list[str]]) -> Target:
    headers, ids = members
    paths = tuple(f"/api/v1/members/external:{member}/balance" for member in ids)
    return Target(port, "GET", paths, headers)


def _orders(port: int, members: tuple[dict[str, str], list[str]], count: int) -> Target:
    headers, ids = members
    now = datetime.now(UTC).isoformat()
    bodies = tuple(
        json.dumps(
            {
                "external_id": f"bench-{uuid.uuid4()}",
                "member": f"external:{ids[number % len(ids)]}",
                "occurred_at": now,
                "currency": "USD",
                "lines": [{"line_no": 1, "sku": "1082185", "quantity": 1, "amount": 1850}],
            }
        ).encode()
        for number in range(count)
    )
    return Target(port, "POST", ("/api/v1/orders",), headers | {"Content-Type": "application/json"}, bodies)


def _home(port: int) -> Target:
    """Sign in as one of the demo's members, as a browser would."""
    page = _ask(port, "/sign-in/", {})
    html = page.read().decode()
    jar = _cookies(page)
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', html)
    member = re.search(r'name="member" value="([^"]+)"', html)
    if token is None or member is None:
        raise SystemExit("the sign-in page offers no example members: is this the demo's data?")
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    body = f"csrfmiddlewaretoken={token[1]}&member={member[1]}"
    form = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": jar}
    connection.request("POST", "/demo/sign-in/", body=body, headers=form)
    return Target(port, "GET", ("/",), {"Cookie": _cookies(connection.getresponse())})


def _cookies(answer: http.client.HTTPResponse) -> str:
    return "; ".join(value.split(";")[0] for value in answer.headers.get_all("Set-Cookie") or [])


if __name__ == "__main__":
    main()
