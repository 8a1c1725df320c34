"""Keys, certificates and bundles."""
