"""Pages for the people at this machine: rows to review, answers to compare. Served on loopback, and nowhere else."""
