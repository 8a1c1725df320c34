"""A release as one self-contained page: what it is made of, why each part is in it, and what nothing explains."""
