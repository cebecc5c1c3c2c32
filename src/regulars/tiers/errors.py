"""What may go wrong with tiers."""


class StandingNotCovered(RuntimeError):
    """A standing was moved beyond the instant that it was loaded for: a mistake in the calling code."""
