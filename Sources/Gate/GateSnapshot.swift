// SPDX-License-Identifier: Apache-2.0
internal import Access
internal import Base
internal import Partners
internal import TLS

/// Everything a connection is decided by, immutable, swapped in one step: the files and the grants of one moment.
final class GateSnapshot: Sendable {
    let generation: Int
    let configuration: GateConfiguration
    let policy: AccessPolicy

    init(generation: Int, configuration: GateConfiguration, grants: [Grant]) {
        self.generation = generation
        self.configuration = configuration
        policy = AccessPolicy(
            configuration.rules,
            anchors: configuration.anchors,
            grants: grants,
            generation: generation
        )
    }

    var rules: AccessRules { configuration.rules }
    var server: ServerContext { configuration.server }

    /// The target a client of PostgreSQL asked for by its server name: `txn-db.jump.example` is `txn-db`.
    func target(ofServerName name: String?) -> String? {
        guard let name, name.hasSuffix(".\(rules.gate.name)") else { return nil }
        let label = name.dropLast(rules.gate.name.utf8.count + 1)
        return label.isEmpty || label.contains(".") ? nil : String(label)
    }
}

/// How long each step may take.
enum GateTimes {
    /// From the accept to the end of the handshake.
    static let handshake = Timeout.seconds(10)
    /// From there to the last byte of the first request.
    static let opening = Timeout.seconds(10)
    /// The audit log's answer.
    static let recording = Timeout.seconds(5)
    /// The target's connection, and its TLS.
    static let dialing = Timeout.seconds(5)
    /// An answer of the gate itself; and again until the client has taken it.
    static let answering = Timeout.seconds(20)
    /// For the client to end the connection, after the last byte of the last answer.
    static let lingering = Timeout.seconds(2)
    /// One side has ended, and for so long no byte has come from the other.
    static let halfClosed = Timeout.seconds(60)
}
