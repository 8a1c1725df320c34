"""The only room that runs the project's own code: a fresh copy of a commit, its build, and nothing left behind."""
