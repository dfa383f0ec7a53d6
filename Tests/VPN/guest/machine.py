# SPDX-License-Identifier: Apache-2.0
"""What a guest runs on. All else about guests is the same on each: disk, first process, folders, what is run, bounds.

A machine has

- `obstacle()`: why it cannot boot a guest here, or None;
- `description`, for people, and `patience`: how many times as long as in User-mode Linux a guest may take;
- `no_time_travel`: why a guest's clock cannot jump, or None;
- `brings`: folders of its own to be seen by the guest, as pairs of a folder and its place there;
- `mount_type` and `mount_options(folder)`, with which a folder is mounted, and where it is written to, at once;
- `command(guest, folders, parameters, travels)`: the program, in the foreground, with its console on stdout; the
  folders as `Folder`, and the kernel's parameters.
"""

import os

from guest.qemu import Qemu
from guest.uml import UserModeLinux


def machine(cache):
    """The one `EIG_VM` asks for; what it boots is kept in `cache`."""
    kinds = {"uml": UserModeLinux, "qemu": Qemu}
    wanted = os.environ.get("EIG_VM") or "uml"
    if wanted not in kinds:
        raise ValueError(f"EIG_VM is {wanted}: it is one of {', '.join(kinds)}")
    return kinds[wanted](cache)
