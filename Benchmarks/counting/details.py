# SPDX-License-Identifier: Apache-2.0
"""What the figures of the budget were made of, so that a failure can say what grew."""

#: What a detail must be of its figure to be kept, and of a figure's growth to be named.
KEPT, NAMED = 0.005, 0.05
#: How many details a failure names of a kind.
COUNT = 10
HEAD = """\
# What the figures of budget.toml were made of when it was written, from 0.5 % of each upwards: instructions per
# operation in a function itself, in one of ours and all it calls (inclusive), and allocations of ours by who asked.
"""


class Details:
    """Operation and kind -> name -> figure per operation, in a file of one line each."""

    def __init__(self, path):
        self.path = path
        self.known = {}
        if path.exists():
            for line in path.read_text(encoding="utf-8").splitlines():
                if line and not line.startswith("#"):
                    operation, kind, figure, name = line.split("\t")
                    self.known.setdefault((operation, kind), {})[name] = float(figure)

    def put(self, measurement):
        for kind, figures in measurement.details.items():
            least = KEPT * sum(figures.values()) if kind != "inclusive" else KEPT * measurement.instructions
            kept = {name: figure for name, figure in figures.items() if figure >= least}
            self.known[measurement.operation.name, kind] = kept

    def write(self):
        lines = [f"{operation}\t{kind}\t{round(figure, 2):g}\t{name}" if kind == "allocations" else
                 f"{operation}\t{kind}\t{figure:.0f}\t{name}"
                 for (operation, kind), figures in self.known.items() for name, figure in figures.items()]
        self.path.write_text(HEAD + "\n".join(lines) + "\n", encoding="utf-8")

    def grown(self, measurement, kind):
        """Lines of what is more than it was, most grown first.

        Of functions with all they call those come first that grew most for their size: the callers of what grew have
        grown by as much, and say less.
        """
        before = self.known.get((measurement.operation.name, kind), {})
        growth = [(figure - before.get(name, 0), figure, name) for name, figure in measurement.details[kind].items()]
        total = sum(each for each, _, _ in growth if each > 0) if kind != "inclusive" else \
            max((each for each, _, _ in growth), default=0)
        found = [each for each in growth if each[0] > 0 and each[0] >= NAMED * total]
        if kind == "inclusive":
            found = [each for each in found if each[0] >= total / 4]
            found.sort(key=lambda each: each[0] / each[1], reverse=True)
        else:
            found.sort(reverse=True)
        shown = "+10.2f" if kind == "allocations" else "+10,.0f"
        return [f"{each:{shown}}  {name}" for each, _, name in found[:COUNT]]
