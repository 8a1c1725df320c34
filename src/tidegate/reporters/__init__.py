"""A run as text, pure."""
