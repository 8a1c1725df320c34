"""What the project knows, pure; a room a subject, and rooms do not import each other."""
