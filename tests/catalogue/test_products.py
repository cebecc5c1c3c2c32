"""Products come in batches: what differs is written, the rest is left alone, bad rows stop no other."""

from dataclasses import replace

import pytest
from pytest_django import DjangoAssertNumQueries

from regulars.catalogue.facade import (
    ProductInput,
    SaveStatus,
    count_products,
    find_products,
    save_products,
)
from regulars.trail.facade import list_audit
from tests.catalogue.examples import NOW, OPERATOR

BREAD = ProductInput("b-1", "Bread", "Mill", ("Grocery", "Bakery", "Bread"), 349)
MILK = ProductInput("m-1", "Milk", price=None)

pytestmark = pytest.mark.django_db


def save(*batch: ProductInput) -> list[SaveStatus]:
    return [outcome.status for outcome in save_products(actor=OPERATOR, now=NOW, batch=batch)]


def test_says_per_row_what_became_of_it() -> None:
    assert save(BREAD, MILK) == [SaveStatus.CREATED, SaveStatus.CREATED]
    cheaper = replace(BREAD, price=299)
    assert save(MILK, cheaper, replace(MILK, sku="m-2")) == [
        SaveStatus.UNCHANGED,
        SaveStatus.UPDATED,
        SaveStatus.CREATED,
    ]
    found = find_products(["b-1", "m-1", "nothing"])
    assert found.keys() == {"b-1", "m-1"}
    assert found["b-1"].price == 299
    assert found["b-1"].categories == ("Grocery", "Bakery", "Bread")


def test_every_field_counts_as_a_change() -> None:
    save(BREAD)
    for changed in (
        replace(BREAD, name="Loaf"),
        replace(BREAD, brand="Other"),
        replace(BREAD, categories=("Grocery",)),
        replace(BREAD, price=None),
        replace(BREAD, active=False),
    ):
        assert save(changed) == [SaveStatus.UPDATED]
        assert save(changed) == [SaveStatus.UNCHANGED]
        save(BREAD)


@pytest.mark.parametrize(
    "bad",
    [
        replace(BREAD, sku=""),
        replace(BREAD, sku="x" * 65),
        replace(BREAD, name=""),
        replace(BREAD, name="a\x00b"),
        replace(BREAD, name="half \ud83d"),
        replace(BREAD, brand="b" * 121),
        replace(BREAD, categories=("",)),
        replace(BREAD, price=-1),
    ],
)
def test_a_bad_row_is_refused_and_stops_no_other(bad: ProductInput) -> None:
    refused, created = save_products(actor=OPERATOR, now=NOW, batch=[bad, MILK])
    assert refused.status is SaveStatus.REFUSED
    assert refused.refusal
    assert created.status is SaveStatus.CREATED
    assert count_products() == 1


def test_a_sku_named_twice() -> None:
    assert save(BREAD, BREAD) == [SaveStatus.CREATED, SaveStatus.UNCHANGED]
    assert save(MILK, replace(MILK, name="Other")) == [SaveStatus.CREATED, SaveStatus.REFUSED]
    assert find_products(["m-1"])["m-1"].name == "Milk"


def test_an_empty_batch_does_nothing() -> None:
    assert save() == []
    assert not list_audit().items


def test_text_that_copy_could_stumble_over_survives() -> None:
    odd = ProductInput("o\t1", 'tab\tnew\nline \\N {a,"b"}', "\\", ('a,"b"\\', "{}", "NULL"), 1)
    assert save(odd) == [SaveStatus.CREATED]
    found = find_products(["o\t1"])["o\t1"]
    assert (found.name, found.brand, found.categories) == (odd.name, odd.brand, odd.categories)


def test_finding_is_one_query_and_none_for_nothing(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    batch = [replace(MILK, sku=f"m-{number}") for number in range(30)]
    save(*batch)
    with django_assert_num_queries(1):
        assert len(find_products(product.sku for product in batch)) == 30
    with django_assert_num_queries(0):
        assert find_products([]) == {}


def test_only_changes_are_audited() -> None:
    save(BREAD, MILK)
    save(BREAD, MILK)
    save(replace(BREAD, price=1))
    details = [record.details for record in list_audit().items]
    assert details == [{"created": 0, "updated": 1}, {"created": 2, "updated": 0}]
