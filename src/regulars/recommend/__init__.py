"""What members will want, what they can have, and why."""
