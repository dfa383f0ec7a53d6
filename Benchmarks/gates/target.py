# SPDX-License-Identifier: Apache-2.0
"""What is administered: greets with one byte, and then does what the next one says, for as long as it is let.

usage: target.py ADDRESS PORT

`S` sends for ever, `R` receives for ever and says one byte for each 16 MiB, anything else is silence. One process, one
thread for each connection: what it does is system calls of a megabyte, during which Python's lock is free.
"""

import socket
import sys
import threading

_CHUNK = 1 << 20


def serve(connection):
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        connection.sendall(b"!")
        order = connection.recv(1)
        if order == b"S":
            data = bytes(_CHUNK)
            while True:
                connection.sendall(data)
        if order == b"R":
            buffer = bytearray(_CHUNK)
            while connection.recv_into(buffer):
                pass
        connection.recv(1)
    except OSError:
        pass
    finally:
        connection.close()


def main():
    listener = socket.create_server((sys.argv[1], int(sys.argv[2])), backlog=4096)
    threading.stack_size(256 * 1024)
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=serve, args=[connection], daemon=True).start()


if __name__ == "__main__":
    main()
