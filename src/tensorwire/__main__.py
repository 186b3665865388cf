"""``python -m tensorwire``: the command line."""

import sys

from tensorwire.cli import main

if __name__ == "__main__":
    sys.exit(main())
