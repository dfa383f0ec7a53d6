# SPDX-License-Identifier: Apache-2.0
"""The tests of what measures: the parts that only compute."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "Benchmarks"))
