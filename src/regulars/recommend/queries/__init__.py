"""Reads: shelves at request time, the log, the state of the models."""
