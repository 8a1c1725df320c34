"""One file a CI dialect."""
