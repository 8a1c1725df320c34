"""One file a kind of manifest: what a project asks for, and which lockfiles beside it may answer."""
