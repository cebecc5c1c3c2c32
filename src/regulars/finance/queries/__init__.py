"""Reads of finance. Other rooms' tables are read through functions that those put into the database."""
