"""One file a lockfile format."""
