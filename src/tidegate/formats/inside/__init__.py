"""The shelf of detectors: which members of an archive or image layer say that another package is inside."""
