// SPDX-License-Identifier: Apache-2.0

extension Partner {
    /// What of the file says something else than `old`, in the file's own words, in its order.
    ///
    /// Nothing for a file that was only moved around or commented.
    package func differences(from old: Partner) -> [String] {
        var names: [String] = []
        func compare<Value: Equatable>(_ name: String, _ value: KeyPath<Partner, Value>) {
            if self[keyPath: value] != old[keyPath: value] { names.append(name) }
        }
        compare("name", \.name)
        compare("roles", \.roles)
        compare("enabled", \.isEnabled)
        compare("owner", \.owner)
        compare("ticket", \.ticket)
        compare("revoked", \.revoked)
        compare("[[allow]]", \.allow)
        compare("[[certificate]]", \.certificates)
        compare("[credential]", \.credential)
        compare("[limits]", \.limits)
        compare("[callbacks]", \.callbacks)
        compare("[inbound]", \.inbound)
        compare("[outward]", \.outward)
        compare("[[tunnel]]", \.tunnels)
        return names
    }
}

extension GatewayFile {
    /// The parts of the file that say something else than `old`, in its order.
    package func differences(from old: GatewayFile) -> [String] {
        var names: [String] = []
        func compare<Value: Equatable>(_ name: String, _ value: KeyPath<GatewayFile, Value>) {
            if self[keyPath: value] != old[keyPath: value] { names.append(name) }
        }
        compare("[listen]", \.listen)
        compare("[server]", \.server)
        compare("[tls]", \.tls)
        compare("[workers]", \.workerCount)
        compare("[internal]", \.internalFrom)
        compare("[[backend]]", \.backends)
        compare("[[route]]", \.routes)
        compare("[timeouts]", \.timeouts)
        compare("[limits]", \.limits)
        compare("[store]", \.store)
        compare("[relay]", \.relay)
        compare("[log]", \.log)
        return names
    }
}
