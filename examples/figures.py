"""What the examples share: the options --out and --show, and the saving of figures and graphs."""

import argparse
from pathlib import Path


class Figures:
    """Saves figures into a folder, and opens a window for each if asked."""

    def __init__(self, description, argv=None):
        parser = argparse.ArgumentParser(description=description)
        parser.add_argument("--out", type=Path, default=Path("figures"), help="folder for the pictures (%(default)s)")
        parser.add_argument("--show", action="store_true", help="show the pictures too")
        options = parser.parse_args(argv)
        self.out, self.show = options.out, options.show
        self.out.mkdir(parents=True, exist_ok=True)

        import matplotlib

        if not self.show:
            matplotlib.use("Agg")  # needs no display
        import matplotlib.pyplot

        self.pyplot = matplotlib.pyplot

    def axes(self, title, xlabel="", ylabel=""):
        """Axes of a new figure."""
        axes = self.pyplot.figure().add_subplot()
        axes.set(title=title, xlabel=xlabel, ylabel=ylabel)
        return axes

    def save(self, axes, name):
        """Write the figure of `axes` as NAME.png."""
        axes.figure.savefig(self.out / f"{name}.png")
        if self.show:
            self.pyplot.show()
        self.pyplot.close(axes.figure)

    def save_graph(self, graph, name):
        """Write a graph as NAME.gv, which Graphviz (`dot -Tsvg NAME.gv`) and many editors draw."""
        graph.save(self.out / f"{name}.gv")
