"""Anybody's order file, from its lines to the table of models."""

import json
from datetime import date, timedelta

import pytest
from click.testing import CliRunner

from regulars.analytics.facade import Columns, read_orders
from regulars.cli.recommend import recommend_
from regulars.recommend.operations.purchases import read_file
from tests.recommend.test_learning_training import FIRST, make_rows


def write(path, rows) -> None:
    lines = ["customer,order_id,date,sku,amount"]
    lines += [
        f"c{member},{member}-{day},{(FIRST + timedelta(day)).isoformat()},s{item},1.50"
        for member, item, day in rows
    ]
    lines += ["c1,x,2026-01-02,,3.00", "c1,y,soon,s1,1.00", "c1,1-0,2026-01-09,s1,-1.50"]
    path.write_text("\n".join(lines) + "\n")


@pytest.mark.slow  # trees of three looks
def test_a_file_is_compared_without_a_database_and_rows_that_cannot_be_used_are_told(tmp_path):
    path = tmp_path / "orders.csv"
    write(path, make_rows())
    done = CliRunner().invoke(recommend_, ["backtest", "--orders", str(path), "--json"])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert set(told["winners"]) == {"any", "new"} and told["members"] > 0
    assert {line["model"] for line in told["lines"]} >= {"popular", "recent", "personal", "ease", "blend"}
    assert "Rows left out: 1 (date" in done.stderr
    table = CliRunner().invoke(recommend_, ["backtest", "--orders", str(path)])
    assert f"{told['winners']['any']} *" in table.stdout and "Of products never bought before" in table.stdout


def test_a_file_of_more_items_than_the_setting_allows_is_compared_without_ease(tmp_path, settings):
    settings.RECOMMEND_EASE_ITEMS_MAX = 5
    path = tmp_path / "orders.csv"
    write(path, make_rows(days=60))
    done = CliRunner().invoke(recommend_, ["backtest", "--orders", str(path), "--json"])
    assert done.exit_code == 0, done.output
    models = {line["model"] for line in json.loads(done.stdout)["lines"]}
    assert models >= {"popular", "personal", "als", "blend"} and "ease" not in models


def test_a_short_file_and_one_without_products_are_refused_in_a_sentence(tmp_path):
    path = tmp_path / "orders.csv"
    write(path, make_rows(days=8))
    done = CliRunner().invoke(recommend_, ["backtest", "--orders", str(path)])
    assert "too few days" in str(done.exception)
    path.write_text("customer,date,total\nc1,2026-01-01,1.00\n")
    done = CliRunner().invoke(recommend_, ["backtest", "--orders", str(path)])
    assert "Which column is the product? Name it with --product" in str(done.exception)


def test_what_came_back_whole_was_no_purchase(tmp_path):
    path = tmp_path / "orders.csv"
    rows = (
        "1,2026-01-01,5,kept",
        "2,2026-01-02,7,gone",
        "2,2026-01-09,-7,gone",
        "3,2026-01-03,8,partly",
        "3,2026-01-09,-2,partly",
        "4,2026-01-03,0,free",
    )
    path.write_text("\n".join(["customer,order,date,amount,sku", *(f"c1,{row}" for row in rows)]))
    file = read_orders(path, Columns(), today=date(2026, 3, 1), with_lines=True)
    dataset = read_file(file.facts)
    assert [dataset.items.skus[item] for item in dataset.purchases.items] == ["kept", "partly", "free"]
