// SPDX-License-Identifier: Apache-2.0
internal import Base

/// What tells a socket unit where to listen: the addresses of eigd.toml (systemd.socket(5)).
///
/// The units themselves listen nowhere, so that an edge nobody set up is closed.
struct SocketDropIn {
    static let fileName = "10-listen.conf"

    /// Such as `eigd.socket`.
    let unit: String
    let endpoints: [IPEndpoint]
    /// The key of eigd.toml it repeats.
    let key: String

    static func all(_ answers: SetupAnswers) -> [SocketDropIn] {
        [
            SocketDropIn(unit: "eigd.socket", endpoints: answers.endpoints(.addresses), key: "partners"),
            SocketDropIn(unit: "eigd-internal.socket", endpoints: answers.endpoints(.inside), key: "internal"),
        ]
    }

    var text: String {
        let head = "# `\(key)` in [listen] of eigd.toml; run `eigctl setup --yes` again after a change there.\n"
        return head + "[Socket]\nListenStream=\n" + endpoints.map { "ListenStream=\($0)\n" }.joined()
    }
}
