"""A worker that writes the names of the modules it imported to the file given first."""

import sys
from pathlib import Path

from tidegate.cli import worker

if __name__ == "__main__":
    code = worker.main(ahead=sys.argv[2:])
    Path(sys.argv[1]).write_text("\n".join(sys.modules))
    sys.exit(code)
