"""Themes in what members buy, without what nobody should be sorted by."""
