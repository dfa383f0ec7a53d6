# SPDX-License-Identifier: Apache-2.0
"""The end-to-end tests' network with administrators in it, and servers that they look after.

    admin 203.0.113.200 -- edge 192.0.2.1 -- backends 10.20.0.20 (ssh), 10.20.0.22 (PostgreSQL), 10.20.0.11 (https)
"""

from support.network import Network

ADMIN = "203.0.113.200"
ADMIN_OTHER = "203.0.113.201"
ADMIN6 = "2001:db8:9::200"
ADMINS = "203.0.113.192/28"
HOST = "10.20.0.20"
DATABASE = "10.20.0.22"
DATABASE_TLS = "10.20.0.23"
#: Where nobody listens.
EMPTY = "10.20.0.24"


class Wires(Network):
    names = [*Network.names, "admin"]

    def _join(self):
        super()._join()
        self._wire("admin", [f"{ADMIN}/28", f"{ADMIN_OTHER}/28", f"{ADMIN6}/64"],
                   ["203.0.113.193/28", "2001:db8:9::1/64"])
        self._address("backends", "edge", *(f"{each}/24" for each in [HOST, DATABASE, DATABASE_TLS, EMPTY]))
