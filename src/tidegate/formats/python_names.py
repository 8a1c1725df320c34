"""How names of Python packages are compared: PEP 503, "Normalized Names"."""


def canonicalize_name(name: str) -> str:
    """What `packaging.utils.canonicalize_name` gives; importing that takes 8 ms, and every row asks for it."""
    folded = name.lower().replace("_", "-").replace(".", "-")
    while "--" in folded:
        folded = folded.replace("--", "-")
    return folded
