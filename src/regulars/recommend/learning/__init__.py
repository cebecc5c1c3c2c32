"""What learns what members will buy: arrays in, arrays out, without Django and without a database.

Apart as in RecTools: datasets, splits, models, metrics and their selection. Needs the `analytics` extra, and
is imported by the worker and the command line alone.
"""
