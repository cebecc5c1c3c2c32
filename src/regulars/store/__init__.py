"""The members' surface."""
