"""Everything that must survive, in one file, and back: the database, pictures and keys."""
