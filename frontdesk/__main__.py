"""What `python -m frontdesk` and scripts/run start; imports are absolute because scripts/run names this file."""

import sys

from frontdesk.cli import main

if __name__ == "__main__":
    sys.exit(main())
