"""What stands at each address. Every handler reads, calls one operation, and answers."""
