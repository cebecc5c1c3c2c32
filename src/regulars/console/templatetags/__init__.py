"""Tags and filters that only the console uses."""
