"""Retries, the breaker and the limit on concurrency, as small state machines."""
