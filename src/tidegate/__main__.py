"""`python -m tidegate` is the same command as `tidegate`."""

from tidegate.cli.main import entry

if __name__ == "__main__":
    entry()
