"""The report and the cards of a run."""
