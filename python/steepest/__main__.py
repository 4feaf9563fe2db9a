"""`python -m steepest demo` shows the library at work."""

import argparse
from pathlib import Path


def main(argv=None):
    parser = argparse.ArgumentParser(prog="python -m steepest", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    demo = commands.add_parser("demo", help="gradient descent, then a classifier of handwritten digits")
    demo.add_argument("--out", type=Path, default=Path("figures"), help="folder for the pictures (%(default)s)")
    demo.add_argument("--epochs", type=int, default=20, help="passes over the digits (%(default)s)")
    options = parser.parse_args(argv)

    from . import demo

    demo.main(options.out, options.epochs)


if __name__ == "__main__":
    main()
