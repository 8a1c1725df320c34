"""Claims of speed, measured: each prints `name measured target ok|short`, against its peer in the same run."""
