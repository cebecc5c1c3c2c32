"""Thousands as banks and shops in China write them, and days without a leading zero."""

NUMBER_GROUPING = 3
THOUSAND_SEPARATOR = ","
DECIMAL_SEPARATOR = "."
DATE_FORMAT = "Y年n月j日"
MONTH_DAY_FORMAT = "n月j日"
