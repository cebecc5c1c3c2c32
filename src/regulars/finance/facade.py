"""The door of finance: liability at any instant, movements of any period, double-entry export.

An instant or a period means the books: an entry counts from when it was recorded (`recorded_at`), and never
before the entry in front of it in its wallet. When it happened (`occurred_at`) is told beside.
"""

from regulars.finance.errors import (
    CostInvalid,
    CostNotAhead,
    ExportUnsound,
    PeriodInvalid,
    WriterMissing,
)
from regulars.finance.exporting.chart import CHART
from regulars.finance.exporting.journal import export_journal
from regulars.finance.operations import set_point_cost
from regulars.finance.policies import LINES, make_safe
from regulars.finance.queries.liability import get_liability
from regulars.finance.queries.movements import get_movements
from regulars.finance.queries.reading import list_point_costs
from regulars.finance.tables import Breakdown, Table, list_liability, list_movements, write_bucket, write_csv
from regulars.finance.types import (
    Expiry,
    ExpiryBucket,
    ExportFormat,
    ExportProgress,
    ExportReport,
    Holding,
    LedgerAccount,
    Liability,
    Movement,
    Movements,
    Period,
    PointCost,
    Position,
    Step,
    Stretch,
    TieOut,
    TrialLine,
)

__all__ = [
    "CHART",
    "LINES",
    "Breakdown",
    "CostInvalid",
    "CostNotAhead",
    "Expiry",
    "ExpiryBucket",
    "ExportFormat",
    "ExportProgress",
    "ExportReport",
    "ExportUnsound",
    "Holding",
    "LedgerAccount",
    "Liability",
    "Movement",
    "Movements",
    "Period",
    "PeriodInvalid",
    "PointCost",
    "Position",
    "Step",
    "Stretch",
    "Table",
    "TieOut",
    "TrialLine",
    "WriterMissing",
    "export_journal",
    "get_liability",
    "get_movements",
    "list_liability",
    "list_movements",
    "list_point_costs",
    "make_safe",
    "set_point_cost",
    "write_bucket",
    "write_csv",
]
