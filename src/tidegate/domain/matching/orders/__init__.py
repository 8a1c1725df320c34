"""Version orders, one an ecosystem or family: a text becomes a key, and keys are totally ordered."""
