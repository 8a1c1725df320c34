"""What a change does to what is locked: pure, from the locks of a base and of a head to changes and findings.

`change` holds the nouns, `pairing` finds the changes of two locks, `check` and its neighbours say what is wrong with
them; `names` looks at the names of newly asked packages and `metadata` at what registries say of a release.
"""
