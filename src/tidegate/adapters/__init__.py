"""The only floor that touches the outside."""
