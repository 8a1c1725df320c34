"""An OCI registry asked over HTTP: every answer is bounded, every digest hashed again."""
