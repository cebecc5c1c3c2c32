"""Wallets, lots, journal: points, posted once and explained for ever."""
