"""What `python -m frontdesk` and scripts/run start; imports are absolute because scripts/run names this file."""

from frontdesk.cli import entry

if __name__ == "__main__":
    entry()
