# SPDX-License-Identifier: Apache-2.0
"""Administrators under measurement: prints one JSON object of what was moved, or how long connecting took.

usage: python3 -m gates.administrators MODE --connect ADDRESS:PORT --name NAME --ca FILE --certificate FILE --key FILE
                         [--target TARGET] [--connections N] [--seconds S] [--warm-up S] [--watch PID[,PID]]

`download` and `upload` move bytes over N connections for S seconds; `connect` opens N one after the other, each until the
target's first byte; `idle` opens N and leaves them. With --target each begins with CONNECT to it.
"""

import argparse
import json
import os
import resource
import selectors
import socket
import ssl
import time
from pathlib import Path

from bench.bystanders import core_seconds

_CHUNK = 1 << 18


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("mode", choices=["download", "upload", "connect", "idle"])
    for name in ["connect", "name", "ca", "certificate", "key"]:
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--target")
    parser.add_argument("--connections", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--warm-up", type=float, default=0.5)
    parser.add_argument("--settle", type=float, default=1)
    parser.add_argument("--watch", type=lambda text: [int(pid) for pid in text.split(",")], default=[])
    return parser.parse_args()


class Administrator:
    def __init__(self, options):
        host, _, port = options.connect.rpartition(":")
        self.address = host, int(port)
        self.options = options
        self.context = ssl.create_default_context(cafile=options.ca)
        self.context.load_cert_chain(options.certificate, options.key)
        self.context.minimum_version = ssl.TLSVersion.TLSv1_3

    def connection(self):
        """A connection whose target has said its first byte."""
        plain = socket.create_connection(self.address, timeout=20)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        tls = self.context.wrap_socket(plain, server_hostname=self.options.name)
        if self.options.target:
            tls.sendall(f"CONNECT {self.options.target} HTTP/1.1\r\nHost: {self.options.target}\r\n\r\n".encode())
            head = b""
            # The target's byte may be behind it in the same record.
            while b"\r\n\r\n" not in head:
                part = tls.recv(4096)
                if not part:
                    raise SystemExit(f"the gate ended the connection after {head!r}")
                head += part
            if not head.startswith(b"HTTP/1.1 200"):
                raise SystemExit(f"the gate says {head!r}")
            if head.partition(b"\r\n\r\n")[2]:
                return tls
        if tls.recv(1) != b"!":
            raise SystemExit("the target says nothing")
        return tls


def processor_nanoseconds(pids):
    """Of all threads they have now."""
    spent = 0
    for pid in pids:
        for task in Path(f"/proc/{pid}/task").iterdir():
            try:
                spent += int((task / "schedstat").read_text().split()[0])
            except (FileNotFoundError, ProcessLookupError):
                continue
    return spent


def processor_ticks(pids):
    """Nanoseconds, with threads and children that have ended: one for each connection, in some."""
    return round(sum(map(core_seconds, pids)) * 1e9)


def family(pids):
    """Those processes and all their children now."""
    found = list(pids)
    for pid in found:
        for task in Path(f"/proc/{pid}/task").iterdir():
            found += [int(child) for child in (task / "children").read_text().split()]
    return found


def memory_bytes(pids):
    """What they have of their own, and their part of what they share."""
    total = 0
    for pid in family(pids):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1]) * 1024
    return total


def move(options, administrator):
    """Bytes through all connections in the window, and the processor time the watched took for them."""
    receives = options.mode == "download"
    selector = selectors.DefaultSelector()
    connections = []
    for _ in range(options.connections):
        tls = administrator.connection()
        tls.sendall(b"S" if receives else b"R")
        tls.setblocking(False)
        selector.register(tls, selectors.EVENT_READ if receives else selectors.EVENT_WRITE)
        connections.append(tls)
    buffer, data = bytearray(_CHUNK), memoryview(bytes(_CHUNK))
    moved = 0

    def turn():
        nonlocal moved
        for key, _ in selector.select(1):
            tls = key.fileobj
            try:
                # As long as it goes: a select for each record would be most of the work.
                for _ in range(64):
                    moved += tls.recv_into(buffer) if receives else tls.send(data)
            except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
                pass
    end = time.monotonic() + options.warm_up
    while time.monotonic() < end:
        turn()
    watched = family(options.watch)
    moved, began, spent = 0, time.monotonic(), processor_nanoseconds(watched)
    own = time.process_time()
    end = began + options.seconds
    while time.monotonic() < end:
        turn()
    seconds = time.monotonic() - began
    return {"bytes": moved, "seconds": seconds, "watchedNanoseconds": processor_nanoseconds(watched) - spent,
            "ownNanoseconds": int((time.process_time() - own) * 1e9), "connections": len(connections)}


def connect(options, administrator):
    """How long each took, without the first few."""
    took = []
    spent = 0
    for number in range(options.connections + 5):
        if number == 5:
            spent = processor_ticks(options.watch)
        began = time.perf_counter_ns()
        tls = administrator.connection()
        took.append(time.perf_counter_ns() - began)
        tls.close()
    # The last one's child may still be ending.
    time.sleep(0.1)
    return {"nanoseconds": took[5:], "watchedNanoseconds": processor_ticks(options.watch) - spent,
            "connections": options.connections}


def idle(options, administrator):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, options.connections + 100)), hard))
    kept = [administrator.connection() for _ in range(5)]
    before = memory_bytes(options.watch)
    kept += [administrator.connection() for _ in range(options.connections)]
    time.sleep(options.settle)
    return {"bytesBefore": before, "bytesAfter": memory_bytes(options.watch), "connections": options.connections}


def main():
    options = arguments()
    administrator = Administrator(options)
    does = {"download": move, "upload": move, "connect": connect, "idle": idle}[options.mode]
    print(json.dumps(does(options, administrator)), flush=True)
    # Not one by one: whoever measured is done.
    os._exit(0)


if __name__ == "__main__":
    main()
