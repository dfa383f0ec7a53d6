# SPDX-License-Identifier: Apache-2.0
"""Five network namespaces joined by veth, and a way to open sockets in each of them.

    payfast  203.0.113.10    --+
    mobicash 198.51.100.40   --+-- edge 192.0.2.1 -- backends 10.20.0.10 (TXN), 10.20.0.11 (RPT)
    stranger 203.0.113.130   --+
"""

import contextlib
import ctypes
import os
import socket
import subprocess

EDGE = "192.0.2.1"
EDGE6 = "2001:db8:ff::1"
INSIDE = "10.20.0.1"
PAYFAST = "203.0.113.10"
PAYFAST6 = "2001:db8:5::10"
PAYFAST_OTHER = "203.0.113.11"
MOBICASH = "198.51.100.40"
STRANGER = "203.0.113.130"
TXN = "10.20.0.10"
RPT = "10.20.0.11"
OUTSIDER = "10.20.0.99"

_CLONE_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)


def run(*command, **options):
    """Runs a command that must succeed; what it said is in the failure."""
    done = subprocess.run(command, capture_output=True, text=True, **options)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {done.returncode}: {done.stderr or done.stdout}")
    return done.stdout


class Namespace:
    """One network namespace, by its name below /run/netns."""

    def __init__(self, name):
        self.name = name
        run("ip", "netns", "add", name)
        run("ip", "-n", name, "link", "set", "lo", "up")

    def command(self, *command):
        """The same command, run in this namespace."""
        return ["nsenter", f"--net=/run/netns/{self.name}", *command]

    @contextlib.contextmanager
    def entered(self):
        """This thread is in the namespace; sockets made meanwhile stay there."""
        home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        there = os.open(f"/run/netns/{self.name}", os.O_RDONLY)
        try:
            self._enter(there)
            yield
        finally:
            self._enter(home)
            os.close(there)
            os.close(home)

    @staticmethod
    def _enter(descriptor):
        if _libc.setns(descriptor, _CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "setns")

    def connect(self, address, source=None, timeout=10):
        """A TCP connection from this namespace."""
        family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        with self.entered():
            connection = socket.socket(family, socket.SOCK_STREAM)
        connection.settimeout(timeout)
        try:
            if source:
                connection.bind((source, 0))
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.connect(address)
        except BaseException:
            connection.close()
            raise
        return connection

    def listen(self, address):
        """A listening TCP socket in this namespace."""
        with self.entered():
            listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(128)
        return listener

    def remove(self):
        subprocess.run(["ip", "netns", "del", self.name], capture_output=True, check=False)


class Network:
    """The laboratory: unique names, so that several may stand on one machine."""

    names = ["edge", "payfast", "mobicash", "stranger", "backends"]

    def __init__(self):
        self.prefix = f"eig-test-{os.getpid()}-"
        self.namespaces = {}
        try:
            for name in self.names:
                self.namespaces[name] = Namespace(self.prefix + name)
            self._join()
        except BaseException:
            self.remove()
            raise

    def _join(self):
        """Gives every namespace its addresses and a wire to the edge."""
        self._address("edge", "lo", f"{EDGE}/32", f"{EDGE6}/128")
        self._wire("payfast", [f"{PAYFAST}/28", f"{PAYFAST_OTHER}/28", f"{PAYFAST6}/64"],
                   ["203.0.113.1/28", "2001:db8:5::1/64"])
        self._wire("mobicash", [f"{MOBICASH}/28"], ["198.51.100.33/28"])
        self._wire("stranger", [f"{STRANGER}/28"], ["203.0.113.129/28"])
        self._wire("backends", [f"{TXN}/24", f"{RPT}/24", f"{OUTSIDER}/24"], [f"{INSIDE}/24"])

    def __getattr__(self, name):
        try:
            return self.__dict__["namespaces"][name]
        except KeyError:
            raise AttributeError(name) from None

    def _ip(self, namespace, *words):
        run("ip", "-n", self.prefix + namespace, *words)

    def _address(self, namespace, device, *addresses):
        for address in addresses:
            # Duplicate address detection would leave an IPv6 address unusable for a second.
            self._ip(namespace, "addr", "add", address, "dev", device, *(["nodad"] if ":" in address else []))

    def _wire(self, name, far, near):
        self._ip("edge", "link", "add", name, "type", "veth", "peer", "name", "edge", "netns", self.prefix + name)
        self._address("edge", name, *near)
        self._address(name, "edge", *far)
        self._ip("edge", "link", "set", name, "up")
        self._ip(name, "link", "set", "edge", "up")
        for gateway in near:
            self._ip(name, *(["-6"] if ":" in gateway else []), "route", "add", "default", "via", gateway.split("/")[0])

    def remove(self):
        for namespace in self.namespaces.values():
            namespace.remove()
