"""SBOM documents: CycloneDX in JSON and XML, and SPDX 2.3 in JSON, written, checked and read."""
