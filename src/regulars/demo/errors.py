"""What keeps the demonstration from loading."""

from regulars.kit.errors import Conflict, Unavailable


class DatasetMissing(Unavailable):
    """The package with the purchases is not installed."""

    code = "dataset_missing"


class NotForDemo(Conflict):
    """The database holds a shop's own data."""

    code = "not_for_demo"


class PartnerLost(Unavailable):
    """One of the two processes that load has ended before the other."""

    code = "partner_lost"
