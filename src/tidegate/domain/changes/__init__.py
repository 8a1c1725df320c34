"""What a change does to what is locked: pure, from the locks of a base and of a head to changes and findings.

`change` holds the nouns; `lockfiles` says which lockfile became which, `pairing` what changed in it. `check` (bytes,
sources, marks), `licences`, `cooldown` and `configs` say what is wrong with that; `names` looks at the names of newly
asked packages, `metadata` and `continuity` at what registries say of a release and of who published it.
"""
