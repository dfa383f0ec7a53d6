# SPDX-License-Identifier: Apache-2.0
"""A Debian 12 host in a container: its root, its machine, the packages in it, the network around it."""
