"""Refusals of order files."""

from regulars.kit.errors import InvalidInput


class ColumnsUnclear(InvalidInput):
    """It is not clear which column holds what."""

    code = "columns_unclear"


class OrdersUnreadable(InvalidInput):
    """The file is not there, is no CSV or Parquet, or has no usable row."""

    code = "orders_unreadable"


class TooFewMembers(InvalidInput):
    """Too few members came back for anything to be said of how often they do."""

    code = "too_few_members"
