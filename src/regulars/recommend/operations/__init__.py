"""What changes: marks of the marketer, choices of the member, what was shown, what was learnt."""
