"""What `python -m frontdesk` and scripts/run start (the latter by its path, hence the absolute import)."""

from frontdesk.cli import main

if __name__ == "__main__":
    main()
