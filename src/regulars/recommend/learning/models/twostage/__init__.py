"""Two stages: which items are worth a closer look for a member, and in which order."""
