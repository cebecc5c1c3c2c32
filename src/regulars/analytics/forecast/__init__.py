"""What will be owed in points, and how much of it will never be asked for."""
