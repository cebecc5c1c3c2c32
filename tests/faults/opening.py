"""The shop on its first day: a programme, members with some points, rewards, and a key to the API.

Runs with Django set up on the installation's data directory.
"""

import psycopg
from django.conf import settings
from django.db import connections

from regulars.catalogue.facade import RewardInput, RewardKind, import_codes, save_pool, save_reward
from regulars.cli.migrate import install
from regulars.identity.facade import Scope, issue_api_key
from regulars.kit.actor import SYSTEM
from regulars.kit.clock import utc_now
from regulars.ledger import facade as ledger
from regulars.members.facade import MemberInput, save_members
from regulars.postgres import facade as postgres
from regulars.rules.facade import publish_programme
from tests.faults.clients import MEMBERS, REWARDS

PROGRAMME = """
[programme]
name = "Faults"
time_zone = "Europe/Berlin"
currency = "EUR"

[expiry]
kind = "after_months"
months = 12

[returns]
shortfall = "debt"
lapsed_grace_days = 0

[[earn]]
id = "purchases"
name = "Every purchase"
type = "per_amount"
points = 1
per = 1.00
qualifying = true

[[earn]]
id = "review"
name = "Review"
type = "event"
event = "review"
points = 20

[tiers]
metric = "points"
window = "rolling"
window_months = 12
[[tiers.tier]]
code = "bronze"
name = "Bronze"
threshold = 0
[[tiers.tier]]
code = "gold"
name = "Gold"
threshold = 1000
"""
GIVEN = 100
"""Points that each member begins with."""
OPENED = "opening"
# A small disk is soon full of what a large one would keep, and recovery is to have checkpoints to begin at.
SERVER = {
    "shared_buffers": "64MB",
    "wal_buffers": "4MB",
    "min_wal_size": "48MB",
    "max_wal_size": "96MB",
    "checkpoint_timeout": "30s",
}


def open_shop(stock: int) -> str:
    """Make everything; gives the API key's secret. `stock` units of each reward that is counted."""
    with postgres.attach(settings.DATA_DIR) as attachment:
        try:
            install()
            secret = _furnish(stock)
            _settle_in(attachment)
        finally:
            connections.close_all()
    return secret


def _furnish(stock: int) -> str:
    now = utc_now()
    publish_programme(actor=SYSTEM, now=now, text=PROGRAMME)
    outcomes = save_members(actor=SYSTEM, now=now, batch=[MemberInput(external_id=name) for name in MEMBERS])
    for outcome in outcomes:
        assert outcome.member_id is not None
        ledger.adjust_points(
            actor=SYSTEM, now=now, member_id=outcome.member_id, amount=GIVEN, reason=OPENED, key=OPENED
        )
    goods = {"kind": RewardKind.GOODS, "stock": stock}
    for name, more in {"mug": goods, "bike": goods | {"price_money": 5_000}}.items():
        save_reward(
            actor=SYSTEM,
            now=now,
            reward=RewardInput(code=name, name=name, price_points=REWARDS[name], **more),
        )
    save_pool(actor=SYSTEM, now=now, code="cinema", name="Cinema")
    import_codes(actor=SYSTEM, now=now, pool="cinema", codes=[f"CODE-{n}" for n in range(stock)])
    save_reward(
        actor=SYSTEM,
        now=now,
        reward=RewardInput(
            code="cinema",
            name="cinema",
            kind=RewardKind.VOUCHER,
            price_points=REWARDS["cinema"],
            code_pool="cinema",
        ),
    )
    _, secret = issue_api_key(actor=SYSTEM, now=now, label="faults", scopes=list(Scope))
    return secret


def _settle_in(attachment: postgres.Attachment) -> None:
    with psycopg.connect(
        host=str(attachment.socket_dir),
        port=postgres.PORT,
        user=postgres.SUPERUSER,
        dbname=postgres.DATABASE,
        autocommit=True,
    ) as connection:
        for name, value in SERVER.items():
            connection.execute(f"ALTER SYSTEM SET {name} = '{value}'")
