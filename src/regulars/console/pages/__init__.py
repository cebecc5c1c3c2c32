"""What the console's pages show, gathered from the rooms in a fixed number of queries."""
