# SPDX-License-Identifier: Apache-2.0
"""The figures the repository holds, and whether what was measured still is what they say."""

import re
import tomllib
from pathlib import Path

#: How far a figure may be off before that is a failure, as a part of it.
TOLERANCE = 0.10
#: What is never a difference, so that a figure of 0 can be met: what is done by the clock falls into a window, too.
SLACK = {"instructions": 0, "allocations": 0.25, "socket-calls": 0.1}
#: How many functions a failure names, and the part of all instructions below which one is not worth a name.
NAMED = 12
LEAST = 0.005


class Budget:
    """`budget.toml` (the figures) and `budget.functions` beside it (where the instructions went then)."""

    def __init__(self, path):
        self.path = Path(path)
        self.figures = tomllib.loads(self.path.read_text(encoding="utf-8"))
        self.functions = {}
        if self._details.exists():
            for line in self._details.read_text(encoding="utf-8").splitlines():
                if line and not line.startswith("#"):
                    operation, instructions, name = line.split("\t")
                    self.functions.setdefault(operation, {})[name] = float(instructions)

    @property
    def _details(self):
        return self.path.with_suffix(".functions")

    def complaints(self, measurement, only=None):
        """What is wrong with `measurement`, one text a figure that is off; [] when all is as it should be.

        `only` are the figures that are compared: all of them without it.
        """
        name = measurement.operation.name
        found = []
        for figure, budgeted in self.figures.get(name, {}).items():
            measured = measurement.figures[figure]
            if only is not None and figure not in only:
                continue
            if abs(measured - budgeted) <= max(abs(budgeted) * TOLERANCE, SLACK[figure]):
                continue
            change = f", {measured / budgeted - 1:+.1%}" if budgeted else ""
            text = f"{name}: {measured:,} {figure} per operation, the budget is {budgeted:,}{change}"
            if measured < budgeted:
                text += f"\n  lower the figure: new value {measured} for {figure} in [{name}] of {self.path.name}"
            elif figure == "instructions":
                text += "".join(f"\n  {line}" for line in self._grown(measurement))
            elif figure == "allocations":
                text += "".join(f"\n  {count:8.2f}  " + " < ".join(chain)
                                for count, chain in measurement.allocating()[:NAMED])
            else:
                text += "".join(f"\n  {count:8.2f}  {call}" for call, count in measurement.socket_calls.items())
            found.append(text)
        return found

    def _grown(self, measurement):
        """The functions that take more than they did, most grown first."""
        before = self.functions.get(measurement.operation.name)
        if before is None:
            return [f"{count:+10,.0f}  {name}" for name, count in list(measurement.functions.items())[:NAMED]]
        growth = [(count - before.get(name, 0), name) for name, count in measurement.functions.items()]
        growth = sorted([each for each in growth if each[0] >= measurement.instructions * LEAST], reverse=True)
        return [f"{count:+10,.0f}  {name}" for count, name in growth[:NAMED]]

    def write(self, measurements):
        """Puts what was measured in place of the figures there are; comments and order stay."""
        text = self.path.read_text(encoding="utf-8")
        for measurement in measurements:
            name = measurement.operation.name
            for figure in self.figures.get(name, {}):
                text = _replaced(text, name, figure, measurement.figures[figure])
            shown = {name: count for name, count in measurement.functions.items()
                     if count >= measurement.instructions * LEAST}
            self.functions[name] = shown
        self.path.write_text(text, encoding="utf-8")
        lines = ["# Instructions per operation in each function itself, from 0.5 % of the operation upwards, when",
                 "# budget.toml was written: what a failure of the guard compares with to name what grew."]
        for operation, functions in self.functions.items():
            lines += [f"{operation}\t{count:.0f}\t{name}" for name, count in functions.items()]
        self._details.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _replaced(text, section, key, value):
    """`text`, a TOML file, with another value for one key of one table."""
    pattern = re.compile(rf"(^\[{re.escape(section)}\]\n(?:(?!\[).*\n)*?{re.escape(key)} *= *)[0-9_.]+", re.MULTILINE)
    shown = f"{value:_}" if isinstance(value, int) else f"{value:g}"
    result, count = pattern.subn(lambda match: match.group(1) + shown, text, count=1)
    if count != 1:
        raise ValueError(f"no `{key}` in [{section}]")
    return result
