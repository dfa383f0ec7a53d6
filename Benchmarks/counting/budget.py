# SPDX-License-Identifier: Apache-2.0
"""The figures the repository holds, and whether what was measured still is what they say."""

import re
import tomllib
from pathlib import Path

from .details import Details

#: How far a figure may be off before that is a failure, as a part of it.
TOLERANCE = 0.10
#: What is never a difference, in a whole window, so that a figure of 0 can be met: what is done by the clock falls into it,
#: too, and there is more of that the slower the machine is.
SLACK = {"instructions": 0, "allocations": 150, "socket-calls": 60}


class Budget:
    """`budget.toml`, the figures, and `budget.details` beside it, what they were made of."""

    def __init__(self, path):
        self.path = Path(path)
        self.figures = tomllib.loads(self.path.read_text(encoding="utf-8"))
        self.details = Details(self.path.with_suffix(".details"))

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
            if abs(measured - budgeted) <= max(budgeted * TOLERANCE, _slack(measurement, figure)):
                continue
            change = f", {measured / budgeted - 1:+.1%}" if budgeted else ""
            lines = [f"{name}: {measured:,} {figure} per operation, the budget is {budgeted:,}{change}"]
            if measured < budgeted:
                lines.append(f"  lower the figure: new value {measured} for {figure} in [{name}] of {self.path.name}")
            else:
                lines += [f"  {line}" for line in self._grown(measurement, figure)]
            found.append("\n".join(lines))
        return found

    def _grown(self, measurement, figure):
        if figure == "allocations":
            return ["of ours, by who asked for them:", *self.details.grown(measurement, "allocations")]
        if figure == "socket-calls":
            return [f"{count:10.2f}  {call}" for call, count in measurement.socket_calls.items()]
        return ["functions of ours with all they call:", *self.details.grown(measurement, "inclusive"),
                "functions in themselves:", *self.details.grown(measurement, "function")]

    def write(self, measurements):
        """Puts what was measured in place of the figures there are; comments and order stay."""
        text = self.path.read_text(encoding="utf-8")
        for measurement in measurements:
            name = measurement.operation.name
            for figure in self.figures.get(name, {}):
                value = measurement.figures[figure]
                text = _replaced(text, name, figure, 0 if value < _slack(measurement, figure) else value)
            self.details.put(measurement)
        self.path.write_text(text, encoding="utf-8")
        self.details.write()


def _slack(measurement, figure):
    """The slack of one operation."""
    return SLACK[figure] / measurement.operation.counted


def _replaced(text, section, key, value):
    """`text`, a TOML file, with another value for one key of one table."""
    pattern = re.compile(rf"(^\[{re.escape(section)}\]\n(?:(?!\[).*\n)*?{re.escape(key)} *= *)[0-9_.]+", re.MULTILINE)
    shown = f"{value:_}" if isinstance(value, int) else f"{value:g}"
    result, count = pattern.subn(lambda match: match.group(1) + shown, text, count=1)
    if count != 1:
        raise ValueError(f"no `{key}` in [{section}]")
    return result
