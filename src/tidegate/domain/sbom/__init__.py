"""What is inside a release."""
