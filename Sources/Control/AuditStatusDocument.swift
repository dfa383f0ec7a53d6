// SPDX-License-Identifier: Apache-2.0

/// The answer of `jumpd audit` to `GET /v1/status`.
package struct AuditStatusDocument: ControlDocument {
    /// The log as it stands.
    package struct Log: Codable, Hashable, Sendable {
        package var folder: String
        /// The last line: its number, and `SEQ:sha256:HEX`, to be remembered elsewhere.
        package var seq: Int
        package var head: String
        package var checkpointAt: String?
        package var fileCount = 0
        package var bytes = 0
        package var eventsTotal = 0
        package var checkpointsTotal = 0
        /// Events that were not taken.
        package var refusedTotal = 0
        /// Those connected to report.
        package var clientCount = 0
        /// Id of the key it is signed with.
        package var key: String

        package init(folder: String, seq: Int, head: String, key: String) {
            self.folder = folder
            self.seq = seq
            self.head = head
            self.key = key
        }
    }

    /// The copy that goes to a log server.
    package struct Forward: Codable, Hashable, Sendable {
        package var to: String
        package var isConnected: Bool
        /// Up to this line the server has it.
        package var seq: Int
        /// Lines it has not.
        package var lagLines: Int
        package var connectionsTotal: Int
        /// Why the last connection ended or could not be made; nothing while there is one.
        package var trouble: String?

        package init(to: String, isConnected: Bool, seq: Int, lagLines: Int, connectionsTotal: Int, trouble: String?) {
            self.to = to
            self.isConnected = isConnected
            self.seq = seq
            self.lagLines = lagLines
            self.connectionsTotal = connectionsTotal
            self.trouble = trouble
        }
    }

    package var schema = controlSchema
    /// Whether events are written.
    package var ok = true
    package var program: ProgramStatus
    package var log: Log
    package var forward: Forward?
    /// Why nothing is written at the moment; nothing when it is.
    package var trouble: String?
    /// What an operator should know, one line each.
    package var notices: [String] = []

    package init(program: ProgramStatus, log: Log) {
        self.program = program
        self.log = log
    }
}
