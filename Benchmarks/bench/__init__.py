# SPDX-License-Identifier: Apache-2.0
"""What `make bench` is made of: partners, peers, the load, rounds, counts, targets, the report.

Standard library only, Debian's own Python. Beside it Tests/EndToEnd/support is used for certificates and TOML.
"""

import sys
from pathlib import Path

#: The repository.
ROOT = Path(__file__).resolve().parents[2]

sys.path.insert(0, str(ROOT / "Tests" / "EndToEnd"))
