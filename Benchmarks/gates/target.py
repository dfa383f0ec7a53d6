# SPDX-License-Identifier: Apache-2.0
"""What is administered: greets with one byte, and then does what the next one says, for as long as it is let.

usage: target.py ADDRESS PORT

`S` sends for ever, `R` receives for ever, anything else is silence. One process, one thread for all connections: thousands
of threads would keep one another from ending.
"""

import selectors
import socket
import sys

_CHUNK = 1 << 20
_DATA = memoryview(bytes(_CHUNK))
_BUFFER = bytearray(_CHUNK)


class Connection:
    def __init__(self, accepted, selector):
        self.socket = accepted
        self.selector = selector
        self.turn = self.ordered
        accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        accepted.send(b"!")
        accepted.setblocking(False)
        selector.register(accepted, selectors.EVENT_READ, self)

    def ordered(self):
        order = self.socket.recv(1)
        if not order:
            return False
        if order == b"S":
            self.turn = self.sends
            self.selector.modify(self.socket, selectors.EVENT_WRITE, self)
        elif order == b"R":
            self.turn = self.receives
        return True

    def sends(self):
        self.socket.send(_DATA)
        return True

    def receives(self):
        return self.socket.recv_into(_BUFFER) > 0

    def end(self):
        self.selector.unregister(self.socket)
        self.socket.close()


def welcome(listener, selector):
    accepted, _ = listener.accept()
    try:
        Connection(accepted, selector)
    except OSError:
        accepted.close()


def goes_on(connection):
    try:
        return connection.turn()
    except BlockingIOError:
        return True
    except OSError:
        return False


def main():
    listener = socket.create_server((sys.argv[1], int(sys.argv[2])), backlog=4096)
    selector = selectors.DefaultSelector()
    selector.register(listener, selectors.EVENT_READ)
    while True:
        for key, _ in selector.select():
            if key.fileobj is listener:
                welcome(listener, selector)
            elif not goes_on(key.data):
                key.data.end()


if __name__ == "__main__":
    main()
