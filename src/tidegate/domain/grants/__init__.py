"""What the jobs of a pipeline may do with their tokens, and what a sensor says about them."""
