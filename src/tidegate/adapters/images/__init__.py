"""Images taken whole: from a registry, an OCI layout, or an archive, every blob hashed while it is copied."""
