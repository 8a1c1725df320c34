"""Package indexes asked what they know of releases: bounded, never led away, never believed beyond their word."""
