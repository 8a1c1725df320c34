"""Third-party scanners, each behind one file."""
