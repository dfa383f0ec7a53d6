# SPDX-License-Identifier: Apache-2.0
"""eigctl backup and restore: made while callbacks come in, refused where it would harm, and all of it comes back."""

import fcntl
import hashlib
import http.server
import io
import json
import os
import shutil
import socketserver
import sqlite3
import tarfile
import threading
from pathlib import Path

import pytest

from support.edge import ACKNOWLEDGED
from support.network import run
from support.programs import meanwhile
from support.server import Answer


def members(path):
    with tarfile.open(path) as archive:
        return {member.name: (member, archive.extractfile(member).read()) for member in archive}


@pytest.fixture
def archive(lab):
    return lab.folder / "backup.tar"


def backup(edge, archive, *options):
    return edge.eigctl("backup", "--output", str(archive), *options)


def fill(edge, count, accepted=None):
    accepted = set() if accepted is None else accepted
    for number in range(len(accepted), len(accepted) + count):
        answer = edge.callback("payfast", f"K-{number}", {"transactionId": f"TP{number}", "padding": "x" * 2000})
        assert answer.status == 202, answer
        accepted.add(answer.json["id"])
    return accepted


def files(folder):
    return {str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mode & 0o777)
            for path in folder.rglob("*") if path.is_file()}


def test_a_backup_made_while_callbacks_come_in_holds_all_that_were_accepted(edge, archive):
    edge.payfast_callbacks.behaviour = lambda request: Answer(503)
    before = fill(edge, 50)
    accepted, stop = set(before), threading.Event()

    def go_on():
        while not stop.is_set():
            fill(edge, 1, accepted)

    with meanwhile(stop, go_on):
        done = backup(edge, archive)
    assert done.returncode == 0, done
    assert "verified" in done.stdout and "private keys" in done.stderr
    assert archive.stat().st_mode & 0o777 == 0o600
    assert not list(edge.store.glob("*.backup")), "the copy stayed beside the store"

    found = members(archive)
    manifest = json.loads(found["manifest.json"][1])
    assert {entry["path"]: entry["sha256"] for entry in manifest["files"]} == {
        name: hashlib.sha256(data).hexdigest() for name, (_, data) in found.items() if name != "manifest.json"}
    kept = {f"config/{name}": data for name, (data, _) in files(edge.configuration.folder).items()}
    assert {name: data for name, (_, data) in found.items() if name.startswith("config/")} == kept

    copy = archive.with_suffix(".db")
    copy.write_bytes(found["store/relay.db"][1])
    database = sqlite3.connect(f"file:{copy}?immutable=1", uri=True)
    assert database.execute("pragma integrity_check").fetchall() == [("ok",)]
    stored = {row[0].hex() for row in database.execute("select id from message")} \
        | {row[0].hex() for row in database.execute("select id from item")}
    assert {identifier.replace("-", "") for identifier in before} <= stored
    assert database.execute("select count(*) from message").fetchone()[0] == manifest["store"]["messages"]
    assert manifest["store"]["pending"] == sum(
        count for state, count in database.execute("select state, count(*) from item group by state")
        if state not in (2, 3))


def test_what_was_backed_up_comes_back(lab, archive):
    lab.txn, lab.rpt
    lab.payfast_callbacks.behaviour = lambda request: Answer(503)
    lab.start()
    accepted = fill(lab, 20)
    assert backup(lab, archive).returncode == 0
    configuration = files(lab.configuration.folder)

    refused = lab.eigctl("restore", "--yes", str(archive))
    assert refused.returncode == 4, refused
    assert "has" in refused.stderr and "open; nothing was changed" in refused.stderr
    assert files(lab.configuration.folder) == configuration

    lab.eigd.terminate()
    lab.eigd.exited()
    # Both are lost.
    shutil.rmtree(lab.configuration.folder)
    for path in lab.store.iterdir():
        path.unlink()
    without = lab.eigctl("restore", str(archive))
    assert without.returncode == 64 and "--yes" in without.stderr
    done = lab.eigctl("restore", "--yes", str(archive))
    assert done.returncode == 0, done
    assert files(lab.configuration.folder) == configuration

    lab.payfast_callbacks.behaviour = lambda request: ACKNOWLEDGED
    lab.payfast_callbacks.requests.clear()
    lab.start_eigd()
    requests = lab.payfast_callbacks.wait(20)
    assert accepted <= {request.field("webhook-id") for request in lab.payfast_callbacks.requests}, requests


def test_what_was_there_goes_aside_and_is_kept(lab, archive):
    lab.txn, lab.rpt
    lab.start()
    fill(lab, 3)
    lab.eigd.kill()
    # Nobody runs: the copy is made from the file, with what is in its log only.
    assert backup(lab, archive).returncode == 0
    (lab.configuration.folder / "partners.d" / "mobicash.toml").unlink()
    done = json.loads(lab.eigctl("restore", "--yes", "--json", str(archive)).stdout)
    assert done["ok"]
    assert (lab.configuration.folder / "partners.d" / "mobicash.toml").exists()
    assert not os.path.exists(done["configuration_before"] + "/partners.d/mobicash.toml")
    assert os.path.exists(done["store_before"])
    lab.start_eigd()
    assert lab.status["relay"]["pending"] + lab.status["relay"]["delivered_total"] >= 3


def broken(archive, change):
    """The archive with one thing otherwise."""
    output = io.BytesIO()
    with tarfile.open(fileobj=output, mode="w", format=tarfile.USTAR_FORMAT) as writer:
        for member, data in members(archive).values():
            for changed, content in change(member, data):
                changed.size = len(content)
                writer.addfile(changed, io.BytesIO(content))
    other = archive.with_name("broken.tar")
    other.write_bytes(output.getvalue())
    return other


def renamed(member, name):
    copy = tarfile.TarInfo(name)
    copy.mode = member.mode
    return copy


def test_a_bad_archive_changes_nothing(lab, archive):
    lab.txn, lab.rpt
    lab.start()
    fill(lab, 2)
    assert backup(lab, archive).returncode == 0
    lab.eigd.kill()
    before = files(lab.configuration.folder), files(lab.store)

    def flipped(member, data):
        return [(member, data[:-1] + bytes([data[-1] ^ 1]) if member.name == "config/eigd.toml" else data)]

    def outside(member, data):
        return [(member, data)] + ([(renamed(member, "config/../../evil"), data)] if "eigd.toml" in member.name else [])

    def more(member, data):
        return [(member, data)] + ([(renamed(member, "config/more"), data)] if "eigd.toml" in member.name else [])

    def linked(member, data):
        if member.name != "config/eigd.toml":
            return [(member, data)]
        link = tarfile.TarInfo(member.name)
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        return [(link, b"")]

    def without_manifest(member, data):
        return [] if member.name == "manifest.json" else [(member, data)]

    def newer(member, data):
        if member.name != "manifest.json":
            return [(member, data)]
        manifest = json.loads(data)
        manifest["store"]["version"] = 99
        return [(member, json.dumps(manifest).encode())]

    cases = [(flipped, 1, "damaged"), (outside, 1, "does not belong in a backup"), (more, 1, "damaged"),
             (linked, 1, "no file"), (without_manifest, 1, "no manifest.json"), (newer, 3, "has version 99")]
    for change, status, says in cases:
        result = lab.eigctl("restore", "--yes", str(broken(archive, change)))
        assert result.returncode == status and says in result.stderr, (change.__name__, result)
        assert (files(lab.configuration.folder), files(lab.store)) == before, change.__name__
    data = archive.read_bytes()
    for cut in [0, 100, 5000, len(data) - 1024 - 600]:
        archive.with_name("cut.tar").write_bytes(data[:cut])
        result = lab.eigctl("restore", "--yes", str(archive.with_name("cut.tar")))
        assert result.returncode == 1 and "ends in the middle" in result.stderr, result
    assert (files(lab.configuration.folder), files(lab.store)) == before
    assert [path.name for path in lab.configuration.folder.parent.glob("*restore*")] == []


def test_a_full_disk_leaves_neither_half_a_backup_nor_a_harmed_store(edge, lab):
    fill(edge, 30)
    small = lab.folder / "small"
    small.mkdir()
    run("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(small))
    try:
        result = edge.eigctl("backup", "--output", str(small / "backup.tar"))
        assert result.returncode == 1 and "No space left on device" in result.stderr, result
        assert list(small.iterdir()) == []
        result = edge.eigctl("backup", "--directory", str(small / "none" / "none"))
        assert result.returncode == 1, result
    finally:
        run("umount", str(small))
    assert not list(edge.store.glob("*.backup"))
    fill(edge, 1, {str(number) for number in range(30)})


def test_a_copy_that_would_take_the_room_of_callbacks_is_refused(lab, archive):
    lab.gateway["store"]["reserve-bytes"] = 0
    lab.gateway["store"]["free-bytes"] = 1 << 20
    run("mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(lab.store))
    try:
        lab.txn, lab.rpt
        lab.payfast_callbacks.behaviour = lambda request: Answer(503)
        lab.start()
        for number in range(30):
            lab.callback("payfast", f"L-{number}", {"transactionId": f"TP{number}", "padding": "x" * 200_000})
        result = backup(lab, archive)
        assert result.returncode == 4 and "would leave less than" in result.stderr, result
        assert not archive.exists()
        assert not list(lab.store.glob("*.backup"))
    finally:
        lab.eigd.kill()
        run("umount", str(lab.store))


class Liar(http.server.BaseHTTPRequestHandler):
    """A gateway that names a file of its choice as the copy of its store."""

    protocol_version = "HTTP/1.1"
    copy = ""

    def _answer(self):
        body = json.dumps({"schema": "eig/1", "ok": True, "state": "done", "path": self.copy, "pages_done": 1,
                           "pages_total": 1, "elapsed_milliseconds": 1, "pending": 0}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_DELETE = _answer

    def address_string(self):
        return "local"

    def log_message(self, *arguments):
        pass


def test_a_gateway_cannot_have_root_read_or_remove_another_file(lab, archive):
    lab.configuration.write()
    precious = lab.folder / "precious"
    store = lab.store / "relay.db"
    store.write_bytes(b"x")
    link = lab.store / "relay.db.backup"
    server = socketserver.UnixStreamServer(lab.control.path, Liar)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        with open(store, "r+b") as held:
            fcntl.lockf(held, fcntl.LOCK_EX)
            for path, says in [(str(precious), "not beside"), (str(link), "relay.db.backup")]:
                precious.write_bytes(b"precious")
                link.unlink(missing_ok=True)
                link.symlink_to(precious)
                Liar.copy = path
                result = backup(lab, archive)
                assert result.returncode == 1 and says in result.stderr, result
                assert precious.read_bytes() == b"precious" and not archive.exists()
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        Path(lab.control.path).unlink(missing_ok=True)


def test_only_the_newest_are_kept_and_nothing_else_is_touched(edge, lab):
    shelf = lab.folder / "shelf"
    shelf.mkdir()
    names = [f"eig-2026010{day}T000000Z.tar" for day in range(1, 6)]
    others = ["eig-20260101T000000Z.tar.gz", "mine.tar", "eig-2026010xT000000Z.tar"]
    for name in names + others:
        (shelf / name).write_bytes(b"")
    result = edge.eigctl("backup", "--directory", str(shelf), "--keep", "3")
    assert result.returncode == 0, result
    left = sorted(path.name for path in shelf.iterdir())
    assert [name for name in left if name in names] == names[3:]
    assert set(others) <= set(left) and len(left) == len(others) + 3
