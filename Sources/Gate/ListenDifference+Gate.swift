// SPDX-License-Identifier: Apache-2.0
internal import Engine
internal import Partners

extension ListenDifference {
    /// Where the gate's sockets differ from `[gate] listen` in `jumpd.toml`.
    init(_ rule: GateRule, _ listeners: [Listener]) {
        let place = Place(key: "jumpd.toml [gate] listen", unit: "jumpd.socket", service: "jumpd", wanted: rule.listen)
        self.init([(place, listeners)])
    }
}
