# SPDX-License-Identifier: Apache-2.0
"""The tests of what an operator's Prometheus and Grafana are given; whether its names are there is tested end to end."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "EndToEnd"))
