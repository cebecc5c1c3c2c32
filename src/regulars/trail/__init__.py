"""Who did what, and answers given once for all: audit trail and idempotency."""
