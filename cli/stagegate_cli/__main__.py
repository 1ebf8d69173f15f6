"""`python -m stagegate_cli` is `stagegate`."""

import sys

from stagegate_cli.app import main

if __name__ == "__main__":
    sys.exit(main())
