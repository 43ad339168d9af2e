"""Benchmarks of seodang. Nothing in here is imported before a `seodang bench` command is called."""
