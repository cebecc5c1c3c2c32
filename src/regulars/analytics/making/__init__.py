"""Reports, put together from measures. Nothing here knows a database: facts in, a report out."""
