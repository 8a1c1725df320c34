"""VEX: what an author says about a known vulnerability in one version of one package, whatever the dialect."""
