"""A day and its month agree in Russian: “24 ноября”."""

MONTH_DAY_FORMAT = "j E"
