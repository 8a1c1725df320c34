"""The policy: strict schema, loading with places, presets."""
