"""Two builds of one commit, compared."""
