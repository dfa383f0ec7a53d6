# SPDX-License-Identifier: Apache-2.0
"""eigctl support-bundle: what was planted as a secret is nowhere in it, in no encoding, and what helps is."""

import base64
import json
import os
import subprocess
import tarfile

from support.programs import programs

PASSWORD = "Tr0ub4dor&3-planted"
PSK = "psk-planted-0a1b2c3d4e5f"
BODY = "MSISDN-planted-254700123456"
TOKEN = "token-planted-998877"


def encodings(secret):
    """The secret as it is, in hex, and the part of its base64 that does not depend on what surrounds it."""
    data = secret if isinstance(secret, bytes) else secret.encode()
    yield data
    yield data.hex().encode()
    yield data.hex().upper().encode()
    for offset in range(3):
        whole = base64.b64encode(bytes(offset) + data)
        own = whole[offset + 1 if offset else 0:(offset + len(data)) // 3 * 4]
        yield own
        yield own.replace(b"+", b"-").replace(b"/", b"_")


def fake(folder, name, text):
    path = folder / name
    path.write_text("#!/bin/sh\n" + text)
    path.chmod(0o755)


def test_a_support_bundle_holds_no_secret(edge):
    configuration = edge.configuration.folder
    identities = sorted((configuration / "identities").glob("*.key"))
    key = identities[0].read_bytes()
    credential = sorted((configuration / "credentials").iterdir())[0].read_bytes()
    (configuration / "secrets").mkdir(exist_ok=True)
    (configuration / "secrets" / "payfast-t1.psk").write_text(PSK + "\n")
    with open(configuration / "eigd.toml", "a") as file:
        file.write(f"\n# the old password was {PASSWORD}\n")
    edge.payfast_callbacks
    edge.callback("payfast", "K-1", {"transactionId": "TP1", "msisdn": BODY})
    edge.payfast_callbacks.wait()
    edge.payfast.call("POST", "/eig/gsma/transactions", BODY.encode(), [("Authorization", f"Bearer {TOKEN}")])

    # systemd, the journal and nft as a host has them, and as careless as they could be.
    tools = edge.folder / "tools"
    tools.mkdir()
    raw = base64.b64encode(b"xx" + PSK.encode()).decode()
    careless = "\n".join([
        f"eigd[1]: X-PASSWORD: {PASSWORD}", f'eigd[1]: {{"password":"{PASSWORD}"}}', f"pluto: PSK \"{PSK}\"",
        f"dump {raw} {PSK.encode().hex()} {PSK}", f"Authorization: Bearer {TOKEN}",
        credential.decode().strip(), key.decode(), "eigd[1]: harmless line"])
    (edge.folder / "journal.txt").write_text(careless)
    fake(tools, "journalctl", f"cat {edge.folder}/journal.txt\n")
    fake(tools, "systemctl", "echo Id=eigd.service; echo LoadState=loaded; echo ActiveState=active; echo SubState=running\n")
    fake(tools, "nft", "echo table inet eig\n")

    bundle = edge.folder / "bundle.tar.gz"
    result = subprocess.run(
        [programs() / "eigctl", "support-bundle", "--output", str(bundle), "--config", str(configuration),
         "--control-eigd", edge.control.path, "--control-enforce", edge.enforcer.path],
        env={**os.environ, "PATH": f"{tools}:{os.environ['PATH']}"}, capture_output=True, text=True, timeout=120,
        check=False)
    assert result.returncode == 0, result
    assert bundle.stat().st_mode & 0o777 == 0o600
    with tarfile.open(bundle) as archive:
        files = {member.name.split("/", 1)[1]: archive.extractfile(member).read() for member in archive}

    hash_part = credential.strip().split(b":", 1)[1]
    key_lines = [line for line in key.splitlines() if not line.startswith(b"-----")]
    secrets = [PASSWORD, PSK, BODY, TOKEN, hash_part, base64.b64decode(b"".join(key_lines)), *key_lines]
    for name, data in files.items():
        for secret in secrets:
            for form in encodings(secret):
                assert form not in data, (name, form)
    assert b"PRIVATE KEY" not in b"".join(files.values())

    # And it is of use.
    assert b"harmless line" in files["journal/eigd.txt"]
    assert b"table inet eig" in files["nft.txt"]
    assert b"eig_" in files["metrics.txt"]
    status = json.loads(files["status.json"])
    assert {partner["id"] for partner in status["eigd"]["partners"]} == {"payfast", "mobicash"}
    assert status["eigd"]["relay"]["accepted_total"] == 1
    assert b"listen" in files["configuration/eigd.toml"] and b"payfast" in files["configuration/partners.d/payfast.toml"]
    assert b"secrets/payfast-t1.psk" in files["configuration/files.txt"]
    assert json.loads(files["certificates.json"])["certificates"]
    readme = files["README.txt"].decode()
    assert "redacted" in readme and "never included" in readme
    for name in files:
        assert name == "README.txt" or name in readme, name
    assert not list(edge.folder.glob("bundle.tar.gz.*"))


def test_a_support_bundle_can_be_made_of_a_host_where_nothing_runs(lab):
    lab.configuration.write()
    bundle = lab.folder / "bundle.tar.gz"
    result = lab.eigctl("support-bundle", "--output", str(bundle), "--json")
    assert result.returncode == 0, result
    document = json.loads(result.stdout)
    assert any(line.startswith("metrics.txt: eigd: ") for line in document["left_out"]), document["left_out"]
    with tarfile.open(bundle) as archive:
        assert any(name.endswith("/configuration/eigd.toml") for name in archive.getnames())
    assert lab.eigctl("support-bundle", "--output", str(lab.folder / "none" / "x.tar.gz")).returncode == 1
