# SPDX-License-Identifier: Apache-2.0
"""The end-to-end tests' PKI, most of it made before the guest was booted."""

import shutil

from support.pki import PKI, Identity


class MadePKI(PKI):
    """What is in `source` is taken from there; anything else is made as always."""

    def __init__(self, source, folder):
        super().__init__(folder)
        shutil.copytree(source, folder, dirs_exist_ok=True)

    def _make(self, name, subject, options, key=None):
        identity = Identity(self.folder / f"{name}.pem", self.folder / f"{name}.key")
        if name not in self._made and identity.certificate.exists():
            self._made[name] = identity
        return super()._make(name, subject, options, key)
