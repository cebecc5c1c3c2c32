"""A day and its month agree in Russian: “24 ноября”. Without “г.”, which ended a sentence with two points."""

MONTH_DAY_FORMAT = "j E"
DATE_FORMAT = "j E Y"
DATETIME_FORMAT = "j E Y, G:i"
YEAR_MONTH_FORMAT = "F Y"
