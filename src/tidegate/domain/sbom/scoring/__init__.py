"""How many of the fields each standard asks for an SBOM has; whoever made it."""
