"""Whether lockfile, SBOM, artifact and source commit tell the same story."""
