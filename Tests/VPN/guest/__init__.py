# SPDX-License-Identifier: Apache-2.0
"""Outside: the guest, its disk, and how pytest runs a file of scenarios in it."""
