"""Refusals of finance."""

from regulars.kit.errors import Conflict, InvalidInput, Refusal, Unavailable


class PeriodInvalid(InvalidInput):
    """The period ends before it begins, or has not begun yet."""

    code = "period_invalid"


class CostInvalid(InvalidInput):
    """No cost of a point can be written so."""

    code = "cost_invalid"


class CostNotAhead(Conflict):
    """The cost would change what has been reported already."""

    code = "cost_not_ahead"


class ReportTooSlow(Unavailable):
    """The books are too large for a reader to wait: a job has to add them up."""

    code = "report_too_slow"


class WriterMissing(Unavailable):
    """Parquet needs a package that is not installed."""

    code = "writer_missing"


class ExportUnsound(Refusal):
    """What was written does not agree with the ledger, or debits with credits. No file was kept."""

    code = "export_unsound"
