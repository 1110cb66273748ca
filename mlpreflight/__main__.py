"""Lets `python -m mlpreflight` run the command line."""

from mlpreflight.cli import main

if __name__ == "__main__":
    main()
