"""tidegate: a release gate whose verdict rests on evidence anyone can verify again."""

__version__ = "0.1.0"
