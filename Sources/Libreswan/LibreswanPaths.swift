// SPDX-License-Identifier: Apache-2.0

/// Where Libreswan's parts lie on this host; the standard is Debian's package.
package struct LibreswanPaths: Hashable, Sendable {
    /// The folder of pluto and of the programs that speak to it (`ipsec` itself is a shell script and is never run).
    package var programs = "/usr/libexec/ipsec"
    /// What pluto reads when it starts (ipsec.conf(5)); it includes the folder below.
    package var configuration = "/etc/ipsec.conf"
    /// Where our files are: `eig.conf`, `eig-<partner>.conf`, `eig.secrets`, `eig-<partner>.secrets`.
    package var folder = "/etc/ipsec.d"
    /// Where pluto's control socket `pluto.ctl` and its process number `pluto.pid` are.
    package var runtime = "/run/pluto"
    /// The NSS database with certificates and keys.
    package var nss = "/var/lib/ipsec/nss"
    /// Ours: revisions, what is under way, the throw-away pluto's folder.
    package var state = "/var/lib/eig-tunnels"

    package init() {}

    package var controlSocket: String { "\(runtime)/pluto.ctl" }

    func program(_ name: String) -> String { "\(programs)/\(name)" }
}
