# SPDX-License-Identifier: Apache-2.0
"""Where this tree is: at the same place in the guest as outside."""

from pathlib import Path

TREE = Path(__file__).resolve().parents[3]
