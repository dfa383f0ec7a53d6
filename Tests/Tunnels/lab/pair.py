# SPDX-License-Identifier: Apache-2.0
"""Our end and a partner's, joined by a wire, and a witness of everything that crosses it.

    10.20.0.1 (our network)  edge 198.51.100.10 ---- 203.0.113.7 partner  172.16.n.1 (the partner's networks)
"""

import contextlib
import socket
import struct

from support.network import run

from .end import End

EDGE = "198.51.100.10"
PARTNER = "203.0.113.7"
BACKUP = "203.0.113.8"
OURS = "10.20.0.0/24"
OUR_HOST = "10.20.0.1"
#: The wire's device at both ends.
WIRE = "wan"
_ETH_P_IP = 0x0800
_ESP = 50


def _echo(number):
    """An ICMP echo request (RFC 792)."""
    body = struct.pack("!BBHHH", 8, 0, 0, 0x4711, number)
    words = sum(struct.unpack("!4H", body))
    return body[:2] + struct.pack("!H", ~(words + (words >> 16)) & 0xffff) + body[4:]


class Pair:
    def __init__(self, folder):
        self.ends = []
        try:
            self.edge = self._end("edge", folder)
            self.partner = self._end("partner", folder)
            self._join()
        except BaseException:
            self.remove()
            raise

    def _end(self, name, folder):
        end = End(name, folder / name)
        self.ends.append(end)
        return end

    def _join(self):
        run("ip", "-n", self.edge.network.name, "link", "add", WIRE, "type", "veth", "peer", "name", WIRE,
            "netns", self.partner.network.name)
        for end, addresses in [(self.edge, [EDGE]), (self.partner, [PARTNER, BACKUP])]:
            for address in addresses:
                run("ip", "-n", end.network.name, "addr", "add", f"{address}/24", "dev", WIRE)
            run("ip", "-n", end.network.name, "link", "set", WIRE, "up")
            run("ip", "-n", end.network.name, "route", "add", "default", "dev", WIRE)
        run("ip", "-n", self.edge.network.name, "addr", "add", f"{OUR_HOST}/32", "dev", "lo")
        for number in range(1, 10):
            run("ip", "-n", self.partner.network.name, "addr", "add", f"172.16.{number}.1/32", "dev", "lo")

    def send(self, count, to="172.16.5.1", port=9443):
        """Datagrams, SYNs and echo requests from our network to the partner's, this many of each."""
        with self.edge.network.entered():
            datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            echoes = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
            connections = [socket.socket(socket.AF_INET, socket.SOCK_STREAM) for _ in range(count)]
        with contextlib.ExitStack() as stack:
            for each in [datagrams, echoes, *connections]:
                stack.enter_context(each)
                each.setblocking(False)
                each.bind((OUR_HOST, 0))
            for number, connection in enumerate(connections):
                for attempt in [lambda: datagrams.sendto(b"clear text", (to, port)),
                                lambda: echoes.sendto(_echo(number), (to, 0)),
                                lambda: connection.connect((to, port))]:
                    # Refused by a filter, or begun and not waited for.
                    with contextlib.suppress(OSError):
                        attempt()

    def knock(self, count, port=8443):
        """SYNs and echo requests in clear text from the partner's network to ours; how many had an effect here."""
        before = self._taken()
        with self.partner.network.entered():
            echoes = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
            connections = [socket.socket(socket.AF_INET, socket.SOCK_STREAM) for _ in range(count)]
        with contextlib.ExitStack() as stack:
            for each in [echoes, *connections]:
                stack.enter_context(each)
                each.setblocking(False)
                each.bind(("172.16.5.1", 0))
            for number, connection in enumerate(connections):
                echoes.sendto(_echo(number), (OUR_HOST, 0))
                with contextlib.suppress(BlockingIOError):
                    connection.connect((OUR_HOST, port))
            # veth delivers while it sends; the counters are there when the calls are back.
            return self._taken() - before

    def _taken(self):
        """TCP connections begun by others, and echo requests, that reached our host's own protocols."""
        counters = {}
        lines = self.edge.command("cat", "/proc/net/snmp").splitlines()
        for names, values in zip(lines[::2], lines[1::2]):
            counters.update({names.split(":")[0] + name: value for name, value in zip(names.split(), values.split())})
        return int(counters["TcpPassiveOpens"]) + int(counters["IcmpInEchos"])

    @contextlib.contextmanager
    def witness(self):
        """Sees every IPv4 packet that reaches the partner's end of the wire."""
        with self.partner.network.entered():
            wire = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(_ETH_P_IP))
        with wire:
            wire.bind((WIRE, _ETH_P_IP))
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
            yield Witness(wire)

    def why(self):
        """What both plutos said last."""
        return "\n".join(f"--- {end.folder.name}\n" + "\n".join(
            end.pluto.log.read_text(errors="replace").splitlines()[-25:])
            for end in self.ends if end.pluto.log.exists())

    def remove(self):
        for end in self.ends:
            end.remove()


class Witness:
    def __init__(self, wire):
        self._wire = wire
        self.packets = []

    def _drain(self):
        with contextlib.suppress(BlockingIOError):
            while True:
                packet, address = self._wire.recvfrom(2048, socket.MSG_DONTWAIT)
                if address[2] != socket.PACKET_OUTGOING:
                    self.packets.append(packet)

    def clear_text(self, network="172.16."):
        """Packets for the partner's networks that anybody on the way could have read."""
        self._drain()
        return [packet for packet in self.packets
                if socket.inet_ntoa(packet[16:20]).startswith(network) and packet[9] != _ESP]

    def asked(self):
        """IKE messages that came for the partner's gateway."""
        self._drain()
        return [packet for packet in self.packets if packet[9] == socket.IPPROTO_UDP
                and struct.unpack("!H", packet[(packet[0] & 15) * 4 + 2:][:2])[0] in (500, 4500)]
