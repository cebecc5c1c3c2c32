"""What happened: orders, returns, behaviour events."""
