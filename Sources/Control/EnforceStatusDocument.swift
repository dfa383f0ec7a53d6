// SPDX-License-Identifier: Apache-2.0

/// The answer of `jumpd enforce` to `GET /v1/status`.
package struct EnforceStatusDocument: ControlDocument {
    /// The kernel's side of the allow-list.
    package struct Kernel: Codable, Hashable, Sendable {
        /// Family and name: `inet eig`.
        package var table: String
        /// Whether the table stands as it was last applied.
        package var isInPlace: Bool
        /// Whether the table is owned by our netlink socket, so that no other program can change it.
        package var isOwned: Bool
        package var entryCount: Int
        /// The kernel's ruleset generation when last read.
        package var generation: Int

        package init(table: String, isInPlace: Bool, isOwned: Bool, entryCount: Int, generation: Int) {
            self.table = table
            self.isInPlace = isInPlace
            self.isOwned = isOwned
            self.entryCount = entryCount
            self.generation = generation
        }
    }

    package var schema = controlSchema
    package var ok = true
    package var program: ProgramStatus
    package var configuration: ConfigurationStatus
    package var kernel: Kernel
    package var partners: [EnforcePartnerStatus] = []
    package var drops: [DropCount] = []
    /// Where the kernel differs from what was applied, one line each; empty when it does not.
    package var drift: [String] = []
    /// What an operator should know, one line each: another program's firewall table, an old kernel.
    package var notices: [String] = []

    package init(program: ProgramStatus, configuration: ConfigurationStatus, kernel: Kernel) {
        self.program = program
        self.configuration = configuration
        self.kernel = kernel
    }
}

/// One partner in the kernel.
package struct EnforcePartnerStatus: Codable, Hashable, Sendable {
    package var id: String
    package var mark: UInt32
    package var entries: [AllowEntryStatus]
    /// Connections the kernel tracks under the mark; nothing when it was not asked.
    package var connectionsTracked: Int?

    package init(id: String, mark: UInt32, entries: [AllowEntryStatus], connectionsTracked: Int? = nil) {
        self.id = id
        self.mark = mark
        self.entries = entries
        self.connectionsTracked = connectionsTracked
    }
}

/// One allow-list entry in the kernel and how often it was the reason.
package struct AllowEntryStatus: Codable, Hashable, Sendable {
    package var prefix: String
    package var port: Int
    /// The tunnel it must come through, if any.
    package var via: String?
    package var packetsTotal: Int
    package var bytesTotal: Int

    package init(prefix: String, port: Int, via: String? = nil, packetsTotal: Int, bytesTotal: Int) {
        self.prefix = prefix
        self.port = port
        self.via = via
        self.packetsTotal = packetsTotal
        self.bytesTotal = bytesTotal
    }
}

/// Packets dropped for one reason.
package struct DropCount: Codable, Hashable, Sendable {
    package var reason: String
    package var packetsTotal: Int
    package var bytesTotal: Int

    package init(reason: String, packetsTotal: Int, bytesTotal: Int) {
        self.reason = reason
        self.packetsTotal = packetsTotal
        self.bytesTotal = bytesTotal
    }
}
