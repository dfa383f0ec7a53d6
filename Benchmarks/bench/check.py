# SPDX-License-Identifier: Apache-2.0
"""Before anything is measured: that a peer does what all of them must, so that none is fast for doing less."""

import re
import socket
import ssl
import subprocess

from .partners import SERVER

CIPHER, GROUP = "TLS_AES_128_GCM_SHA256", "X25519"
#: What edge-load offers: TLS.TLSPolicy's suites and groups, as far as OpenSSL has them.
SUITES = f"{CIPHER}:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256"
GROUPS = f"{GROUP}:P-256:P-384"


def check(peer):
    """Raises RuntimeError naming what the peer does not do.

    It must speak TLS 1.3 with the cipher and the group of all, answer a partner, go on from the partner's session,
    refuse a caller without a certificate, and refuse a certificate that names the partner but is another authority's.
    """
    partners = peer.partners
    partner = partners.identities / "001.pem", partners.identities / "001.key"
    stranger = partners.folder / "stranger.pem", partners.folder / "stranger.key"
    cipher, group = _negotiated(peer, partner)
    if (cipher, group) != (CIPHER, GROUP):
        raise RuntimeError(f"{peer.name} negotiates {cipher} and {group}, not {CIPHER} and {GROUP}")
    context = _context(partners, partner)
    answer, _, session = _ask(peer, context)
    if b" 200 " not in answer[:20]:
        raise RuntimeError(f"{peer.name} answers a partner {answer[:200]!r}")
    answer, is_reused, _ = _ask(peer, context, session)
    if b" 200 " not in answer[:20] or not is_reused:
        raise RuntimeError(f"{peer.name} does not go on from a session: {answer[:200]!r}")
    for who, identity in [("nobody", None), ("a stranger", stranger)]:
        answer, _, _ = _ask(peer, _context(partners, identity))
        if b" 200 " in answer[:20]:
            raise RuntimeError(f"{peer.name} serves {who}")


def _context(partners, identity):
    context = ssl.create_default_context(cafile=partners.authority)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    if identity:
        context.load_cert_chain(*identity)
    return context


def _ask(peer, context, session=None):
    """(the answer's first bytes or nothing, whether the session was an earlier one, the session afterwards)"""
    headers = (peer.partners.identities / "001.headers").read_text().replace("\n", "\r\n")
    request = (f"POST /eig/gsma/transactions HTTP/1.1\r\nHost: {SERVER}\r\nContent-Type: application/json\r\n"
               f"{headers}Content-Length: 2\r\n\r\n{{}}")
    try:
        with socket.create_connection(("127.0.0.1", peer.port), timeout=10) as plain:
            with context.wrap_socket(plain, server_hostname=SERVER, session=session) as connection:
                connection.sendall(request.encode())
                answer = connection.recv(65536)
                return answer, connection.session_reused, connection.session
    except (ssl.SSLError, ConnectionError):
        return b"", False, None


def _negotiated(peer, identity):
    """(cipher, group) that a client gets who offers what edge-load does."""
    certificate, key = identity
    done = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{peer.port}", "-servername", SERVER,
                           "-cert", certificate, "-key", key, "-ciphersuites", SUITES, "-groups", GROUPS],
                          input="", capture_output=True, text=True, timeout=20)
    cipher = re.search(r"^New, TLSv1.3, Cipher is (\S+)$", done.stdout, re.M)
    group = re.search(r"^Server Temp Key: (\w+)", done.stdout, re.M)
    return cipher and cipher.group(1), group and group.group(1)
