"""`python -m steepest`: run a PyTorch script, check what it uses, or see a demonstration."""

import argparse
import sys
from pathlib import Path


def parser():
    """What the commands take."""
    top = argparse.ArgumentParser(prog="python -m steepest", description=__doc__)
    commands = top.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="run a PyTorch script unchanged: `torch` stands for steepest")
    run.add_argument("-m", dest="module", action="store_true", help="the script is the name of a module")
    run.add_argument("script")
    run.add_argument("arguments", nargs=argparse.REMAINDER, help="passed on to the script")
    check = commands.add_parser("check", help="list the PyTorch names that scripts use, and which are missing; runs nothing")
    check.add_argument("paths", nargs="+", type=Path, help="scripts, notebooks, or folders of them")
    check.add_argument("-q", "--quiet", action="store_true", help="only what is missing")
    demo = commands.add_parser("demo", help="gradient descent, then a classifier of handwritten digits")
    demo.add_argument("--out", type=Path, default=Path("figures"), help="folder for the pictures (%(default)s)")
    demo.add_argument("--epochs", type=int, default=20, help="passes over the digits (%(default)s)")
    return top


def main(argv=None):
    options = parser().parse_args(argv)
    if options.command == "run":
        from . import alias

        (alias.run_module if options.module else alias.run_script)(options.script, options.arguments)
    elif options.command == "check":
        from . import surface

        sys.exit(surface.main(options.paths, options.quiet))
    else:
        from . import demo

        demo.main(options.out, options.epochs)


if __name__ == "__main__":
    main()
