"""Many repositories in one table, the worst first: for a terminal, as JSON, and as one page."""
