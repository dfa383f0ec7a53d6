# SPDX-License-Identifier: Apache-2.0
"""What the scenarios share: namespaces, a PKI, the programs under test, and clients and servers of our own.

Nothing here shares code with the programs under test: Python's ssl and http.client, curl and openssl judge them.
"""
