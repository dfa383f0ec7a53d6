# SPDX-License-Identifier: Apache-2.0

import itertools
import json
import re
import subprocess

import pytest

from support.metrics import DASHBOARD, tool


@pytest.fixture(scope="module")
def dashboard():
    return json.loads(DASHBOARD.read_text())


def queries(dashboard):
    return [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", [])]


def test_it_says_which_one_it_is_and_has_what_grafana_asks_for(dashboard):
    assert dashboard["uid"] == "partner-edge" and dashboard["title"] and dashboard["schemaVersion"] >= 30
    assert "id" not in dashboard, "a number of one Grafana's"
    identifiers = [panel["id"] for panel in dashboard["panels"]]
    assert len(set(identifiers)) == len(identifiers)
    assert {"datasource", "instance", "partner"} == {item["name"] for item in dashboard["templating"]["list"]}


def test_no_panel_covers_another(dashboard):
    taken = set()
    for panel in dashboard["panels"]:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        cells = set(itertools.product(range(place["x"], place["x"] + place["w"]),
                                      range(place["y"], place["y"] + place["h"])))
        assert not cells & taken, panel["title"]
        taken |= cells


def test_every_panel_asks_the_chosen_source_and_names_what_it_shows(dashboard):
    for panel in dashboard["panels"]:
        assert panel["title"]
        if panel["type"] == "row":
            continue
        assert panel["targets"] and panel["fieldConfig"]["defaults"]["unit"]
        for target in [panel, *panel["targets"]]:
            assert target["datasource"] == {"type": "prometheus", "uid": "${datasource}"}, panel["title"]
        for target in panel["targets"]:
            for label in re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]):
                # A legend's label is one that the expression keeps.
                kept = re.findall(r"by \(([^)]*)\)", target["expr"])
                assert not kept or label in kept[0].replace(" ", "").split(","), (panel["title"], label)


def test_every_expression_is_one(dashboard, tmp_path):
    rules = ["groups:", "  - name: dashboard", "    rules:"]
    for number, expression in enumerate(queries(dashboard)):
        text = expression.replace("$__rate_interval", "5m").replace("$instance", ".*").replace("$partner", ".*")
        assert "$" not in text, text
        rules += [f"      - record: panel:query:{number}", f"        expr: {json.dumps(text)}"]
    file = tmp_path / "dashboard.yml"
    file.write_text("\n".join(rules) + "\n")
    done = subprocess.run([tool("promtool"), "check", "rules", str(file)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
