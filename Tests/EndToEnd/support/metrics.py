# SPDX-License-Identifier: Apache-2.0
"""Pages of metrics, read strictly; and the files that rely on them."""

import os
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
RULES = ROOT / "etc/prometheus/eig.rules.yml"
SCRAPE = ROOT / "etc/prometheus/scrape.yml"
DASHBOARD = ROOT / "etc/grafana/eig.json"
GUIDE = ROOT / "docs/operations/monitoring.md"

_SAMPLE = re.compile(r'([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{((?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*",?)*)\})? '
                     r'(-?[0-9][0-9.eE+-]*|NaN|[+-]Inf)')
_LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"')


class Page:
    """Prometheus text format 0.0.4: every sample has a type that was announced just before it, and help."""

    def __init__(self, text):
        assert text.endswith("\n")
        self.text = text
        self.types = {}
        self.samples = {}
        helped, current = set(), None
        for line in text.splitlines():
            if line.startswith("# HELP "):
                name = line.split(" ")[2]
                assert name not in helped, f"{name} has two helps"
                assert len(line.split(" ", 3)[3]) > 5, line
                helped.add(name)
            elif line.startswith("# TYPE "):
                _, _, name, kind = line.split(" ")
                assert name in helped and name not in self.types, f"{name} is announced twice, or has no help"
                assert kind in ("counter", "gauge", "histogram"), line
                assert (kind == "counter") == name.endswith("_total"), f"{name} is a {kind}"
                self.types[name], current = kind, name
            else:
                self._sample(line, current)
        self._check_histograms()

    def _sample(self, line, current):
        match = _SAMPLE.fullmatch(line)
        assert match, line
        name = match[1]
        suffixes = ["_bucket", "_sum", "_count"] if self.types[current] == "histogram" else [""]
        assert name in [current + suffix for suffix in suffixes], f"{name} is in the group of {current}"
        labels = _LABEL.findall(match[2] or "")
        assert len({label for label, _ in labels}) == len(labels), line
        key = (name, frozenset(labels))
        assert key not in self.samples, f"{line} is there twice"
        self.samples[key] = float(match[3])
        assert self.types[current] == "gauge" or self.samples[key] >= 0, line

    def _check_histograms(self):
        for name in [name for name, kind in self.types.items() if kind == "histogram"]:
            series = {}
            for (sample, labels), value in self.samples.items():
                if sample == name + "_bucket":
                    bound = float(dict(labels)["le"])
                    series.setdefault(frozenset(item for item in labels if item[0] != "le"), []).append((bound, value))
            for labels, buckets in series.items():
                values = [value for _, value in sorted(buckets)]
                assert values == sorted(values), f"{name} falls from bucket to bucket"
                assert max(buckets)[0] == float("inf")
                assert values[-1] == self.samples[(name + "_count", labels)]
                assert (name + "_sum", labels) in self.samples

    def sum(self, name, **labels):
        """All samples of the name that have these labels, together; it is a mistake to ask for one there is not."""
        found = [value for (sample, own), value in self.samples.items()
                 if sample == name and labels.items() <= dict(own).items()]
        assert found, f"there is no {name} with {labels}"
        return sum(found)

    def has(self, name, **labels):
        return any(sample == name and labels.items() <= dict(own).items() for sample, own in self.samples)


def mentioned(text):
    """The names of ours in a text, without what a histogram's series are called."""
    return {re.sub(r"_(bucket|sum|count)$", "", name) for name in re.findall(r"\beig_[a-z0-9_]*[a-z0-9]", text)}


def relied_on(page, ours, without_labels=()):
    """Of the names that `ours` picks, the page has every one that rules, dashboard and guide rely on, with its labels,
    and the guide explains every one of the page."""
    def picked(names):
        return {name for name in names if ours(name)}
    names = picked(page.types)
    for text in [RULES.read_text(), DASHBOARD.read_text()]:
        assert picked(mentioned(text)) <= names, picked(mentioned(text)) - names
    tables = "\n".join(line for line in GUIDE.read_text().splitlines() if line.startswith("| `"))
    assert picked(mentioned(tables)) == names, picked(mentioned(tables)) ^ names
    for name, selectors in re.findall(r"(eig_[a-z0-9_]+)\{([^}]*)\}", RULES.read_text()):
        if not ours(name) or name in without_labels:
            continue
        for label in re.findall(r"([a-z_]+)(?:=~|!=|=)", selectors):
            own = {key for sample, labels in page.samples for key, _ in labels if sample == name}
            assert label in own, f"{name} has no label {label}: {own}"


def tool(name):
    """A program of Debian's package prometheus, unpacked by deps/prometheus.sh."""
    folder = Path(os.environ.get("EIG_PROMETHEUS", ROOT / ".build/prometheus"))
    if not (folder / name).exists():
        pytest.skip(f"needs {name}: run deps/prometheus.sh .build/prometheus")
    return str(folder / name)
