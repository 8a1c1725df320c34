"""Facts of the CI we run in, each with its source."""
