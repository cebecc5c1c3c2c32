"""From TOML text to a `Programme`, or to the list of its mistakes."""

from regulars.rules.document.parser import check_programme, parse_programme

__all__ = ["check_programme", "parse_programme"]
