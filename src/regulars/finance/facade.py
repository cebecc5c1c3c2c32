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
from regulars.finance.operations.costs import set_point_cost
from regulars.finance.operations.reports import ask_report, make_report, open_report, purge_reports
from regulars.finance.policies import COST_DECIMALS, COST_MAX, LINES, make_safe, value_of
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
    LiabilityQuestion,
    Movement,
    Movements,
    MovementsQuestion,
    Opened,
    Period,
    PointCost,
    Position,
    Question,
    Step,
    Stretch,
    TieOut,
    TrialLine,
    Waiting,
)

__all__ = [
    "CHART",
    "COST_DECIMALS",
    "COST_MAX",
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
    "LiabilityQuestion",
    "Movement",
    "Movements",
    "MovementsQuestion",
    "Opened",
    "Period",
    "PeriodInvalid",
    "PointCost",
    "Position",
    "Question",
    "Step",
    "Stretch",
    "Table",
    "TieOut",
    "TrialLine",
    "Waiting",
    "WriterMissing",
    "ask_report",
    "export_journal",
    "get_liability",
    "get_movements",
    "list_liability",
    "list_movements",
    "list_point_costs",
    "make_report",
    "make_safe",
    "open_report",
    "purge_reports",
    "set_point_cost",
    "value_of",
    "write_bucket",
    "write_csv",
]
