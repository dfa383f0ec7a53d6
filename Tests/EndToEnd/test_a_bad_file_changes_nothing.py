# SPDX-License-Identifier: Apache-2.0
"""Whatever is wrong with the files, the running state stays, live connections too, and the error names the place."""

import json
import signal

import pytest

from support.programs import until


def unknown_key(edge):
    edge.partners["payfast"]["limit"] = {"burst": 1}
    return "payfast.toml"


def missing_file(edge):
    edge.partners["payfast"]["certificate"][0]["ca"] = "nowhere.pem"
    return "payfast.toml"


def two_partners_one_identity(edge):
    edge.partners["mobicash"]["certificate"] = [{"ca": "payfast-ca.pem", "san": "edge.payfast.example"}]
    return ".toml"


def unknown_backend(edge):
    edge.gateway["route"][0]["to"] = "txm"
    return "eigd.toml"


def not_toml(edge):
    (edge.configuration.folder / "partners.d" / "broken.toml").write_text("id = \n")
    return "broken.toml"


@pytest.mark.parametrize("spoil", [unknown_key, missing_file, two_partners_one_identity, unknown_backend, not_toml],
                         ids=lambda spoil: spoil.__name__)
def test_a_bad_file_changes_nothing(edge, spoil):
    generation = edge.generation
    with edge.payfast.connect() as connection:
        assert connection.request("GET", "/eig/any/1", fields=edge.payfast.fields).status == 200
        if spoil is not not_toml:
            file = spoil(edge)
            edge.configuration.write()
        else:
            file = spoil(edge)
        edge.eigd.signal(signal.SIGHUP)
        attempt = until(lambda: (attempt := edge.status["configuration"].get("last_attempt"))
                        and not attempt["ok"] and attempt, what="a failed attempt in the status")
        assert file in attempt["message"], attempt
        assert edge.generation == generation
        # By request, the answer is the list of what is wrong.
        status, body = edge.control.request("POST", "/v1/reload")
        assert 400 <= status < 500, (status, body)
        diagnostics = json.loads(body)["diagnostics"]
        assert any(file in item["file"] and item["line"] >= 1 and item["code"].startswith("E-")
                   for item in diagnostics), diagnostics
        assert edge.generation == generation
        assert connection.request("GET", "/eig/any/2", fields=edge.payfast.fields).status == 200
    assert edge.mobicash.call("GET", "/eig/any/3").status == 200
    metrics = edge.control.request("GET", "/v1/metrics")[1].decode()
    assert "eig_config_last_reload_successful 0" in metrics


def test_a_bad_file_stops_the_start_and_says_why(lab):
    lab.partners["payfast"]["limit"] = {"burst": 1}
    lab.configuration.write()
    lab.eigd.start()
    assert lab.eigd.exited() != 0
    said = lab.eigd.complaints() + lab.eigd.output.read_text()
    lab.eigd.process = None
    assert "payfast.toml" in said and "limits" in said, said
