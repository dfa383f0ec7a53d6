# SPDX-License-Identifier: Apache-2.0
"""User-mode Linux: a kernel that is a program of this machine, and whose clock can jump."""

import os
from pathlib import Path


class UserModeLinux:
    """The kernel deps/uml.sh makes, or the one `EIG_UML_KERNEL` names."""

    patience = 1
    no_time_travel = None
    brings = ()
    mount_type = "hostfs"
    _MEMORY = "768M"

    def __init__(self, cache):
        self.kernel = Path(os.environ.get("EIG_UML_KERNEL") or cache / "linux").resolve()

    def obstacle(self):
        if not os.access(self.kernel, os.X_OK):
            return f"no kernel {self.kernel}: run make test-vpn, or name one in EIG_UML_KERNEL"
        return None

    @property
    def description(self):
        return f"User-mode Linux, {self.kernel}"

    @staticmethod
    def mount_options(folder):
        return str(folder.path)

    def command(self, guest, folders, parameters, travels):
        return [self.kernel, f"mem={self._MEMORY}", f"ubd0={guest.folder / 'cow'},{guest.image}", "root=/dev/ubda",
                "rw", "init=/sbin/init", "con=null", "con0=null,fd:1", "ssl=null", "umid=guest",
                f"uml_dir={guest.folder}/", *parameters, *(["time-travel"] if travels else [])]
