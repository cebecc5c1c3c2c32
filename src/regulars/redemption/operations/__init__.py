"""Writes of redemption: opening one, and moving it on.

Everyone locks in the same order: the idempotency key or the redemption's row, the reward's stock, a code, the
member's wallet.
"""
