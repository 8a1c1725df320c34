"""What signed evidence says, and whether it says enough."""
