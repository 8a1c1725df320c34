"""Credentials in bytes: where they are, never what they are."""
