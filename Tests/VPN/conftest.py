# SPDX-License-Identifier: Apache-2.0
"""Read twice: on this machine, where each file of scenarios is one guest to boot, and in that guest, which runs it."""

import os
import sys
from pathlib import Path

# The partners, backends, clients and certificates of the end-to-end tests.
sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parents[1] / "EndToEnd")]

if "EIG_SHARE" in os.environ:
    from lab.fixtures import *  # noqa: F401,F403
else:
    from guest.collect import *  # noqa: F401,F403
