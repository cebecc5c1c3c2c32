"""The measures: one expression each, for every engine."""
