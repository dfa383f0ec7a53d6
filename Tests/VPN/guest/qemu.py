# SPDX-License-Identifier: Apache-2.0
"""qemu with Debian's own kernel, on this machine's processor where KVM works and on an emulated one elsewhere."""

import functools
import os
import shutil
import subprocess

_PROGRAM = "qemu-system-x86_64"
#: What the guest says when it is asked whether it comes as far as its disk, and seconds it has for that.
_THERE = "a-guest-was-here"
_PROBE_TIMEOUT = 20


class Qemu:
    """The kernel and modules deps/vm.sh unpacked."""

    no_time_travel = "its clock is to jump, and only User-mode Linux's does"
    mount_type = "9p"
    _MEMORY = "1024M"
    #: Emulated, a program of ours takes about this many times as long.
    _EMULATED = 4

    def __init__(self, cache):
        self.folder = cache / "debian"
        # Where the kernel looks for what it is asked for.
        self.brings = [(self.folder / "modules", "/lib/modules")]

    def obstacle(self):
        if not shutil.which(_PROGRAM):
            return f"needs {_PROGRAM}: apt-get install qemu-system-x86, or make test-vpn VM=qemu"
        if not (self.folder / "initrd").exists():
            return f"no kernel in {self.folder}: run make test-vpn VM=qemu"
        return None

    @property
    def description(self):
        return f"qemu, {'this processor (KVM)' if self._has_kvm else 'an emulated processor (TCG): no KVM here'}"

    @property
    def patience(self):
        return 1 if self._has_kvm else self._EMULATED

    @staticmethod
    def mount_options(folder):
        # What cannot be written to does not change either.
        return f"trans=virtio,version=9p2000.L,msize=262144,cache={'none' if folder.writable else 'loose'}"

    def command(self, guest, folders, parameters, travels):
        shared = []
        for folder in folders:
            path = str(folder.path).replace(",", ",,")
            shared += ["-fsdev", f"local,id={folder.tag},path={path},security_model=none,multidevs=remap"
                       + ("" if folder.writable else ",readonly=on"),
                       "-device", f"virtio-9p-pci,fsdev={folder.tag},mount_tag={folder.tag}"]
        image = str(guest.image).replace(",", ",,")
        # What the guest writes to its disk is in a file without a name, in TMPDIR.
        return [*self._machine(self._has_kvm, parameters), "-drive",
                f"file={image},if=virtio,format=raw,snapshot=on", *shared]

    def _machine(self, kvm, parameters):
        processor = ["-accel", "kvm", "-cpu", "host"] if kvm else ["-accel", "tcg,thread=multi", "-cpu", "max"]
        return [_PROGRAM, "-M", "q35", *processor, "-smp", "2", "-m", self._MEMORY, "-nodefaults", "-no-user-config",
                "-display", "none", "-serial", "stdio", "-no-reboot", "-kernel", str(self.folder / "vmlinuz"),
                "-initrd", str(self.folder / "initrd"), "-append",
                " ".join(["console=ttyS0", "mitigations=off", *map(str, parameters)])]

    @functools.cached_property
    def _has_kvm(self):
        """Tried, not asked: a /dev/kvm that opens may yet boot nothing."""
        if not os.access("/dev/kvm", os.R_OK | os.W_OK):
            return False
        try:
            done = subprocess.run(self._machine(True, ["quiet", "panic=-1", f"EIG_PROBE={_THERE}"]),
                                  stdin=subprocess.DEVNULL, capture_output=True, timeout=_PROBE_TIMEOUT, check=False)
        except subprocess.TimeoutExpired:
            return False
        return done.returncode == 0 and _THERE.encode() in done.stdout
