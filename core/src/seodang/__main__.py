"""`python -m seodang` is `seodang`."""

from seodang.commandline import main

if __name__ == "__main__":
    main()
