"""Settings, URLs, wiring: the top of the house."""
