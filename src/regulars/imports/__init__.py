"""Files in: orders, returns, members, products and events from CSV, JSON Lines and Parquet."""
