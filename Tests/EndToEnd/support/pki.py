# SPDX-License-Identifier: Apache-2.0
"""A private PKI made by the openssl program: an authority for each partner, one of our own, and leaves."""

import datetime
import functools
import subprocess
from pathlib import Path

from .network import run


class Identity:
    """A certificate chain and its key, as files."""

    def __init__(self, certificate, key):
        self.certificate = Path(certificate)
        self.key = Path(key)

    @functools.cached_property
    def serial(self):
        """Lower-case hex without leading zeros, as configuration files have it."""
        text = run("openssl", "x509", "-in", str(self.certificate), "-noout", "-serial")
        return text.strip().split("=")[1].lower().lstrip("0")

    @functools.cached_property
    def pin(self):
        """SHA-256 of the public key."""
        public = subprocess.run(["openssl", "x509", "-in", self.certificate, "-noout", "-pubkey"],
                                capture_output=True, check=True).stdout
        der = subprocess.run(["openssl", "pkey", "-pubin", "-outform", "DER"],
                             input=public, capture_output=True, check=True).stdout
        digest = subprocess.run(["openssl", "dgst", "-sha256", "-r"], input=der, capture_output=True, check=True)
        return "sha256:" + digest.stdout.decode().split()[0]

    @functools.cached_property
    def der(self):
        return subprocess.run(["openssl", "x509", "-in", self.certificate, "-outform", "DER"],
                              capture_output=True, check=True).stdout


class PKI:
    """Makes what is asked for once, below one folder."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self._made = {}

    def authority(self, name, subject=None):
        return self._make(name, subject or f"/O={name}/CN={name}", ["-days", "3650",
            "-addext", "basicConstraints=critical,CA:TRUE,pathlen:0",
            "-addext", "keyUsage=critical,keyCertSign,cRLSign"])

    def leaf(self, name, issuer, *names, usage="clientAuth", days="30", key=None, serial=None, subject=None):
        """A leaf certificate for host names and mail addresses; `subject` as openssl writes it: /C=IN/CN=name."""
        authority = self.authority(issuer)
        alternatives = ",".join(f"{'email' if '@' in each else 'DNS'}:{each}" for each in names)
        options = ["-CA", str(authority.certificate), "-CAkey", str(authority.key), "-days", str(days),
                   "-addext", "basicConstraints=critical,CA:FALSE",
                   "-addext", "keyUsage=critical,digitalSignature",
                   "-addext", f"subjectAltName={alternatives}"]
        if usage:
            options += ["-addext", f"extendedKeyUsage={usage}"]
        if serial:
            options += ["-set_serial", serial]
        return self._make(name, subject or f"/CN={names[0]}", options, key)

    def expired(self, name, issuer, *dns):
        """A leaf whose last day is long gone."""
        return self.ending(name, issuer, datetime.datetime(2020, 2, 1), *dns)

    def ending(self, name, issuer, end, *dns):
        """A leaf that ends at this second, UTC (openssl req has no such option, openssl ca has)."""
        if name in self._made:
            return self._made[name]
        authority = self.authority(issuer)
        folder = self.folder / f"{name}.ca"
        folder.mkdir()
        (folder / "index.txt").write_text("")
        (folder / "serial").write_text("1000\n")
        (folder / "ca.cnf").write_text(
            "[ca]\ndefault_ca=d\n[d]\npolicy=p\ndefault_md=sha256\nx509_extensions=x\n"
            f"database={folder}/index.txt\nserial={folder}/serial\nnew_certs_dir={folder}\n"
            "[p]\ncommonName=supplied\n[x]\nbasicConstraints=critical,CA:FALSE\n"
            "keyUsage=critical,digitalSignature\nextendedKeyUsage=clientAuth\n"
            f"subjectAltName={','.join('DNS:' + each for each in dns)}\n")
        identity = Identity(self.folder / f"{name}.pem", self.folder / f"{name}.key")
        run("openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-keyout", str(identity.key), "-out", str(folder / "csr"), "-subj", f"/CN={dns[0]}")
        run("openssl", "ca", "-batch", "-notext", "-config", str(folder / "ca.cnf"),
            "-cert", str(authority.certificate), "-keyfile", str(authority.key),
            "-startdate", "20200101000000Z", "-enddate", end.strftime("%Y%m%d%H%M%SZ"),
            "-in", str(folder / "csr"), "-out", str(identity.certificate))
        self._made[name] = identity
        return identity

    def _make(self, name, subject, options, key=None):
        if name not in self._made:
            identity = Identity(self.folder / f"{name}.pem", self.folder / f"{name}.key")
            newkey = key or ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
            run("openssl", "req", "-x509", *newkey, "-nodes", "-subj", subject,
                "-keyout", str(identity.key), "-out", str(identity.certificate), *options)
            identity.key.chmod(0o600)
            self._made[name] = identity
        return self._made[name]
