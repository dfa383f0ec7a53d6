# SPDX-License-Identifier: Apache-2.0
"""Inside: the network with its wire, both IKE daemons, and what a scenario starts from."""
