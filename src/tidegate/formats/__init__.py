"""Bytes to model and back, pure. Readers raise FormatError and nothing else."""
