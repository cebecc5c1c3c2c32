"""What a member is expected to spend in the next year, and whether they are still customers at all."""
