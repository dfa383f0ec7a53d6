// SPDX-License-Identifier: Apache-2.0
internal import Engine
internal import Partners

extension ListenDifference {
    /// Where eigd's sockets differ from `[listen]` in `eigd.toml`.
    init(_ file: ListenRule, _ listeners: [Listener]) {
        let partners = Place(
            key: "eigd.toml [listen] partners",
            unit: "eigd.socket",
            service: "eigd",
            wanted: file.partners
        )
        let inside = Place(
            key: "eigd.toml [listen] internal",
            unit: "eigd-internal.socket",
            service: "eigd",
            wanted: file.internal
        )
        self.init([
            (partners, listeners.filter { $0.side == .partners }), (inside, listeners.filter { $0.side == .inside }),
        ])
    }
}
