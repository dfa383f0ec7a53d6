# SPDX-License-Identifier: Apache-2.0
"""Keys, credentials and secrets as systemd hands them over (`LoadCredential=`): as good as files, named when missing."""

import subprocess

import pytest

from support.programs import programs


#: What is a file in the folder, and the credential it becomes.
SECRETS = {
    "identities/edge.key": "server.key",
    "identities/payfast-out.key": "payfast-out.key",
    "credentials/payfast.credential": "payfast.credential",
}


@pytest.fixture
def handed(lab):
    """The folder of credentials; what is in it is nowhere else."""
    lab.txn, lab.rpt
    lab.gateway["server"]["key"] = "credential:server.key"
    lab.partners["payfast"]["credential"]["file"] = "credential:payfast.credential"
    lab.partners["payfast"]["callbacks"]["identity"] = "credential:payfast-out"
    lab.configuration.write()
    folder = lab.folder / "credentials"
    folder.mkdir()
    for path, name in SECRETS.items():
        (lab.configuration.folder / path).rename(folder / name)
        (folder / name).chmod(0o400)
    return folder


def environment(folder):
    return {"CREDENTIALS_DIRECTORY": str(folder)}


def test_a_secret_may_come_from_systemd(lab, handed):
    lab.start_eigd(environment=environment(handed))
    assert lab.payfast.call("GET", "/eig/any/1").status == 200
    # Our certificate for the partner lies in the folder, its key does not: the partner is told all the same.
    server = lab.payfast_callbacks
    assert lab.callback("payfast", "one", {"transactionReference": "T1"}).status == 202
    server.wait()
    # A reload finds them again.
    assert subprocess.run([str(programs() / "eigd"), "--reload", "--config", str(lab.configuration.folder)],
                          timeout=30, check=False).returncode == 0


def test_one_that_was_not_handed_over_is_named_with_the_line_to_add(lab, handed):
    (handed / "server.key").unlink()
    lab.eigd.start(environment=environment(handed))
    assert lab.eigd.refuses(1)
    said = lab.eigd.complaints()
    assert "eigd.toml:" in said and "no credential server.key" in said, said
    assert "LoadCredential=server.key:" in said and "systemctl edit eigd" in said, said


def test_without_systemd_there_is_none(lab, handed):
    lab.eigd.start()
    assert lab.eigd.refuses(1)
    for name in ["server.key", "payfast.credential"]:
        assert f"no credential {name}" in lab.eigd.complaints()
