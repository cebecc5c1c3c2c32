"""ALS by Spark's own library (MLlib), on the cluster that the settings name."""

from typing import Any

import numpy as np
import pyarrow as pa
from py4j.protocol import Py4JError
from pyspark.errors import PySparkException
from pyspark.ml.recommendation import ALS

from regulars.recommend.errors import EngineFailed
from regulars.recommend.learning.models.als import (
    CONFIDENCE,
    FACTORS,
    ITERATIONS,
    SEED,
    AlsFactors,
    make_factors,
)

LIBRARY = "spark"
PENALTY = 0.1
"""Spark takes it times the number of a member's items."""
PARTS = 8
"""Blocks of members and of items in Spark: fixed, so that a larger cluster finds the same."""


class SparkFactors:
    """Learns factors of items with a session."""

    def __init__(self, session: Any) -> None:
        self._session = session

    def __call__(self, inputs: Any) -> AlsFactors:
        """From logarithms of counts, sparse members × items. Raises EngineFailed."""
        rows = np.repeat(np.arange(inputs.shape[0], dtype=np.int32), np.diff(inputs.indptr))
        table = pa.table({"member": rows, "item": inputs.indices, "rating": inputs.data.astype(np.float32)})
        als = ALS(
            rank=FACTORS,
            maxIter=ITERATIONS,
            regParam=PENALTY,
            alpha=CONFIDENCE,
            numUserBlocks=PARTS,
            numItemBlocks=PARTS,
            implicitPrefs=True,
            userCol="member",
            itemCol="item",
            ratingCol="rating",
            seed=SEED,
        )
        try:
            # In one order and one partition: seeds are spent on rows in the order in which they stand.
            model = als.fit(
                self._session.createDataFrame(table).coalesce(1).sortWithinPartitions("member", "item")
            )
            found = model.itemFactors.toArrow()
        except (PySparkException, Py4JError) as error:
            raise EngineFailed.of(error) from error
        factors = np.zeros((inputs.shape[1], FACTORS), dtype=np.float32)
        values = found.column("features").combine_chunks().flatten().to_numpy()
        factors[found.column("id").to_numpy()] = values.reshape(-1, FACTORS)
        return make_factors(factors, PENALTY, is_scaled=True)
