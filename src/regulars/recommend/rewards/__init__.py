"""Which rewards are worth offering to a member: pure decisions."""
