"""`python -m mesogun` is the command line, where the script `mesogun` is not on the path."""

from mesogun.cli import main

if __name__ == "__main__":
    main()
