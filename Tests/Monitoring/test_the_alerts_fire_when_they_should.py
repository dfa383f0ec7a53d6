# SPDX-License-Identifier: Apache-2.0

import re
import subprocess
from pathlib import Path

from support.metrics import GUIDE, RULES, SCRAPE, tool

CASES = Path(__file__).with_name("alerts.yml")


def promtool(*words):
    done = subprocess.run([tool("promtool"), *map(str, words)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def alerts():
    """Each alert's lines, by its name."""
    parts = re.split(r"^      - alert: (\w+)$", RULES.read_text(), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2]))


def test_promtool_takes_the_rules_and_the_scrape_configuration():
    promtool("check", "rules", RULES)
    promtool("check", "config", SCRAPE)


def test_each_fires_and_stays_quiet_in_the_cases():
    promtool("test", "rules", CASES)


def test_each_has_a_case_in_which_it_fires_and_one_in_which_it_does_not():
    fires, quiet = set(), set()
    for part in CASES.read_text().split("alertname: ")[1:]:
        name = part.split()[0]
        (fires if "exp_alerts:\n" in part.split("alertname")[0] else quiet).add(name)
    assert fires == set(alerts()), fires ^ set(alerts())
    assert quiet == set(alerts()), quiet ^ set(alerts())


def test_each_says_how_bad_it_is_what_it_is_and_where_the_runbook_is():
    anchors = {heading.lower() for heading in re.findall(r"^### (\w+)$", GUIDE.read_text(), flags=re.MULTILINE)}
    assert anchors == {name.lower() for name in alerts()}
    for name, lines in alerts().items():
        assert re.search(r"severity: (critical|warning|info)\n", lines), name
        for annotation in ["summary", "description"]:
            text = re.search(rf'^          {annotation}: "(.+)"$', lines, flags=re.MULTILINE)
            assert text and len(text[1]) > 15, f"{name} has no {annotation}"
        assert f"runbook_url: file:///usr/share/doc/eigd/operations/monitoring.md#{name.lower()}\n" in lines, name


def test_nothing_in_the_guide_leads_nowhere():
    headings = re.findall(r"^#+ (.+)$", GUIDE.read_text(), flags=re.MULTILINE)
    anchors = {re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-") for heading in headings}
    for link in re.findall(r"\]\(#([^)]+)\)", GUIDE.read_text()):
        assert link in anchors, link
