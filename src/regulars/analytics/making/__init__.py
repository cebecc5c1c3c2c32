"""Reports, put together from measures: facts in, a report out.

What is measured needs no database. What was learnt (value, forecasts) is read from where the refresh left it.
"""
