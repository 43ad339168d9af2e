"""Files: hostile ones that come in, durable ones that stay."""
