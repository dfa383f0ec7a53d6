// SPDX-License-Identifier: Apache-2.0
internal import Base

/// What tells a socket unit where to listen: the addresses of eigd.toml or jumpd.toml (systemd.socket(5)).
///
/// The units have addresses of their own, which it takes away.
struct SocketDropIn {
    static let fileName = "10-listen.conf"

    /// Such as `eigd.socket`.
    let unit: String
    let endpoints: [IPEndpoint]
    /// The key it repeats.
    let key: String
    /// Its table and file.
    let place: String

    static func partners(_ endpoints: [IPEndpoint]) -> Self {
        Self(unit: "eigd.socket", endpoints: endpoints, key: "partners", place: "[listen] of eigd.toml")
    }

    static func inside(_ endpoints: [IPEndpoint]) -> Self {
        Self(unit: "eigd-internal.socket", endpoints: endpoints, key: "internal", place: "[listen] of eigd.toml")
    }

    /// - Parameter endpoints: none where jumpd.toml has no gate.
    static func gate(_ endpoints: [IPEndpoint]) -> Self {
        Self(unit: "jumpd.socket", endpoints: endpoints, key: "listen", place: "[gate] of jumpd.toml")
    }

    /// The first line, by which a drop-in of ours is told from somebody else's.
    private var head: String {
        "# `\(key)` in \(place); run `eigctl setup --yes` again after a change there.\n"
    }

    var text: String { head + "[Socket]\nListenStream=\n" + endpoints.map { "ListenStream=\($0)\n" }.joined() }

    /// Whether `text` was written for this unit here, with whatever addresses.
    func made(_ text: [UInt8]) -> Bool { text.starts(with: head.utf8) }
}
