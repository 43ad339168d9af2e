"""Finding, loading, checking and scaffolding plugins."""
