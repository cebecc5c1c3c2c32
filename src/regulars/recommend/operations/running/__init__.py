"""Running a job over blocks of members: here one after another, or on Spark."""
