"""Learning without a database: datasets, splits, models, metrics, selection."""
