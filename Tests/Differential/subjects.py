# SPDX-License-Identifier: Apache-2.0
"""Who reads the cases: our parser, h11, and HAProxy and nginx with a backend behind them.

Each says what it found in a connection's bytes: the messages, as method and body, and how it ended.
"""

import contextlib
import os
import shutil
import socket
import struct
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import h11

from found import Found


def ours(probe, datas):
    """All cases in one run of the program."""
    text = b"".join(struct.pack(">I", len(data)) + data for data in datas)
    done = subprocess.run([probe], input=text, capture_output=True, check=True, timeout=120)
    lines = done.stdout.decode().splitlines()
    assert len(lines) == len(datas), (len(lines), len(datas), done.stderr)
    return [_our_line(line) for line in lines]


def _our_line(line):
    words = line.split(" ")
    messages = [word for word in words if ":" in word]
    rest = words[len(messages):]
    found = [(method, bytes.fromhex(body)) for method, _, body in (message.split(":") for message in messages)]
    return Found(tuple(found), rest[0], rest[1] if len(rest) > 1 else "")


def of_h11(data):
    """h11 as a server, which answers each request at once."""
    connection = h11.Connection(h11.SERVER)
    messages, method, body = [], None, b""
    try:
        connection.receive_data(data)
        while True:
            event = connection.next_event()
            if event is h11.NEED_DATA:
                waits = connection.their_state is not h11.IDLE or connection.trailing_data[0]
                return Found(tuple(messages), "incomplete" if waits else "complete")
            if event is h11.PAUSED or isinstance(event, h11.ConnectionClosed):
                return Found(tuple(messages), "closed")
            if isinstance(event, h11.Request):
                method, body = event.method.decode("latin-1"), b""
            elif isinstance(event, h11.Data):
                body += bytes(event.data)
            elif isinstance(event, h11.EndOfMessage):
                messages.append((method, body))
                connection.send(h11.Response(status_code=200, headers=[("content-length", "0")]))
                if connection.our_state is not h11.SEND_BODY:
                    # It would tunnel.
                    return Found(tuple(messages), "closed")
                connection.send(h11.EndOfMessage())
                if connection.our_state is not h11.DONE or connection.their_state is not h11.DONE:
                    return Found(tuple(messages), "closed")
                connection.start_next_cycle()
    except h11.RemoteProtocolError as error:
        return Found(tuple(messages), "refused", str(error.error_status_hint))


class Backend(threading.Thread):
    """What stands behind a proxy: it takes what the proxy writes, whole messages only, and says yes to each."""

    ANSWER = b"HTTP/1.1 200 OK\r\nX-Backend: yes\r\nContent-Length: 0\r\n\r\n"

    def __init__(self):
        super().__init__(daemon=True)
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        self.lock = threading.Lock()
        self.messages = []
        self.start()

    def take(self):
        with self.lock:
            messages, self.messages = self.messages, []
        return tuple(messages)

    def run(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        data = b""
        with contextlib.suppress(OSError), connection:
            while True:
                found = self.first(data)
                if found is None:
                    more = connection.recv(65536)
                    if not more:
                        return
                    data += more
                    continue
                message, taken = found
                data = data[taken:]
                with self.lock:
                    self.messages.append(message)
                connection.sendall(self.ANSWER)

    @staticmethod
    def first(data):
        """The first whole message, and how many bytes it took; proxies write plainly."""
        end = data.find(b"\r\n\r\n")
        if end < 0:
            return None
        lines = data[:end].split(b"\r\n")
        fields = {}
        for line in lines[1:]:
            name, _, value = line.partition(b":")
            fields.setdefault(name.strip().lower(), value.strip())
        method = lines[0].split(b" ")[0].decode("latin-1")
        position = end + 4
        if fields.get(b"transfer-encoding", b"").lower() == b"chunked":
            body = b""
            while True:
                line = data.find(b"\r\n", position)
                if line < 0:
                    return None
                size = int(data[position:line].split(b";")[0], 16)
                position = line + 2
                if size == 0:
                    stop = data.find(b"\r\n", position)
                    while stop > position:
                        position, stop = stop + 2, data.find(b"\r\n", stop + 2)
                    return ((method, body), stop + 2) if stop >= 0 else None
                if len(data) < position + size + 2:
                    return None
                body += data[position:position + size]
                position += size + 2
        size = int(fields.get(b"content-length", b"0"))
        if len(data) < position + size:
            return None
        return (method, data[position:position + size]), position + size


class Proxy:
    """One proxy with a few places; each place takes one case at a time and has a backend to itself."""

    PLACES = 12

    def __init__(self, name, folder):
        self.name = name
        self.backends = [Backend() for _ in range(self.PLACES)]
        self.ports = [_free_port() for _ in range(self.PLACES)]
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        configuration = folder / f"{name}.cfg"
        configuration.write_text(getattr(self, f"_{name}")())
        command = {"haproxy": ["-db", "-f", str(configuration)],
                   "nginx": ["-c", str(configuration), "-p", str(folder)]}[name]
        self.log = open(folder / f"{name}.log", "wb")
        self.process = subprocess.Popen([shutil.which(name) or f"/usr/sbin/{name}", *command], stdout=self.log,
                                        stderr=self.log, stdin=subprocess.DEVNULL)
        self._await()

    def _haproxy(self):
        text = ["defaults", "  mode http", "  timeout client 10s", "  timeout server 10s", "  timeout connect 2s",
                "  timeout http-request 10s", "  http-reuse never"]
        for port, backend in zip(self.ports, self.backends):
            text += [f"listen p{port}", f"  bind 127.0.0.1:{port}", f"  server s 127.0.0.1:{backend.port}"]
        return "\n".join(text) + "\n"

    def _nginx(self):
        servers = "".join(
            f"server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass http://127.0.0.1:{backend.port}; }} }}\n"
            for port, backend in zip(self.ports, self.backends))
        folders = "".join(f"{name}_temp_path {self.folder}/{name};\n"
                          for name in ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"])
        user = "user root;\n" if _is_root() else ""
        return (f"daemon off;\n{user}worker_processes 2;\npid {self.folder}/nginx.pid;\nerror_log stderr crit;\n"
                f"events {{ worker_connections 512; }}\nhttp {{\naccess_log off;\n{folders}proxy_http_version 1.1;\n"
                "proxy_set_header Connection close;\nproxy_ignore_client_abort on;\nclient_max_body_size 1m;\n"
                f"{servers}}}\n")

    def _await(self):
        end = time.monotonic() + 10
        while True:
            try:
                for port in self.ports:
                    socket.create_connection(("127.0.0.1", port), timeout=2).close()
                return
            except OSError:
                text = (self.folder / f"{self.name}.log").read_text()
                assert self.process.poll() is None and time.monotonic() < end, f"{self.name} did not start: {text}"
                time.sleep(0.05)

    def stop(self):
        self.process.terminate()
        self.process.wait(10)
        self.log.close()
        for backend in self.backends:
            backend.listener.close()

    def read(self, datas, patience=0.05):
        """What it finds in each, in order."""
        places = list(range(self.PLACES))
        lock = threading.Lock()

        def one(data):
            with lock:
                place = places.pop()
            try:
                return self._one(place, data, patience)
            finally:
                with lock:
                    places.append(place)
        with ThreadPoolExecutor(self.PLACES) as pool:
            return list(pool.map(one, datas))

    def _one(self, place, data, patience):
        backend = self.backends[place]
        backend.take()
        answers, is_open = b"", True
        with contextlib.closing(socket.create_connection(("127.0.0.1", self.ports[place]), timeout=5)) as connection:
            try:
                connection.sendall(data)
                # The first answer may take its time; what follows comes close behind it.
                connection.settimeout(4 * patience)
                while True:
                    more = connection.recv(65536)
                    if not more:
                        is_open = False
                        break
                    answers += more
                    connection.settimeout(patience)
            except TimeoutError:
                pass
            except OSError:
                is_open = False
        messages = backend.take()
        refusals = [part[9:12].decode("latin-1") for part in answers.split(b"HTTP/1.") if b"X-Backend" not in part
                    for part in [b"HTTP/1." + part] if part[9:10] in (b"4", b"5")]
        if refusals:
            return Found(messages, "refused", refusals[-1])
        # HAProxy says nothing to what is no HTTP at all, and closes.
        if not is_open and not answers:
            return Found(messages, "refused", "closed")
        return Found(messages, "open" if is_open else "closed")


def _free_port():
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as server:
        return server.getsockname()[1]


def _is_root():
    return os.geteuid() == 0
