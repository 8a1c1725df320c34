"""Container images, read layer by layer without unpacking: what is in them, and which packages they hold."""
