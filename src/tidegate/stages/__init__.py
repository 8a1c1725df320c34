"""One thin file a control: read through ports, ask the domain, return a Report. Stages do not know each other."""
