# SPDX-License-Identifier: Apache-2.0
"""Inside: the network with its wire, both IKE daemons, and what a scenario starts from."""

# Before anybody of the end-to-end tests is asked where the partners are: it tells them.
from . import network

__all__ = ["network"]
