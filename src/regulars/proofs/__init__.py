"""What is hashed and signed, and how it is checked: pure, without a database and without Django."""
