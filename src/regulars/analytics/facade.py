"""The door of analytics."""
