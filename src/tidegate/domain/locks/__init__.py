"""What a good lockfile is."""
