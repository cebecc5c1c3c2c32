"""A handful of the real households, so that a year loads in seconds."""

from collections.abc import Sequence
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet

from regulars.demo.dataset import find_folder

HOUSEHOLDS = (1, 7, 8, 13, 16, 18, 19, 25, 58, 113, 115, 149)


def write_small_dataset(folder: Path, households: Sequence[int] = HOUSEHOLDS) -> Path:
    """The same files with these households and what they bought."""
    source = find_folder()
    bought = pyarrow.parquet.read_table(
        source / "transactions.parquet", filters=[("household_id", "in", list(households))]
    )
    wanted = pc.unique(bought["product_id"]).to_pylist()
    products = pyarrow.parquet.read_table(source / "products.parquet", filters=[("product_id", "in", wanted)])
    pyarrow.parquet.write_table(bought, folder / "transactions.parquet")
    pyarrow.parquet.write_table(products, folder / "products.parquet")
    pyarrow.parquet.write_table(
        pyarrow.parquet.read_table(source / "demographics.parquet"), folder / "demographics.parquet"
    )
    return folder
