"""tidegate: a release gate whose verdict rests on evidence anyone can verify again."""

from importlib import import_module

__version__ = "0.1.0"

# The small public face, imported on first use: `tidegate --version` must not pay for it.
_FACE = {
    "Policy": "tidegate.policy.schema",
    "Run": "tidegate.model.verdict",
    "Verdict": "tidegate.model.verdict",
    "Finding": "tidegate.model.finding",
}

__all__ = ["Finding", "Policy", "Run", "Verdict", "__version__"]


def __getattr__(name: str) -> object:
    if name in _FACE:
        return getattr(import_module(_FACE[name]), name)
    raise AttributeError(f"module 'tidegate' has no attribute {name!r}")
