"""Readers of package managers' own configuration: flat settings with their lines, a file a way of writing them."""
