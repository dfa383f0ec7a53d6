# SPDX-License-Identifier: Apache-2.0
"""Counts what one operation of eigd costs, by callgrind: no clock is asked, so a busy machine changes nothing."""
