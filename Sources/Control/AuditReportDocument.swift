// SPDX-License-Identifier: Apache-2.0

/// What `eigctl audit verify` found.
package struct AuditReportDocument: ControlDocument {
    package struct Finding: Codable, Hashable, Sendable {
        /// `altered`, `removed`, `inserted`, `cut`, `rewritten` or `gap`.
        package var kind: String
        package var file: String
        /// In that file, from 1.
        package var line: Int
        /// The number it has or should have in the log.
        package var seq: Int
        package var text: String

        package init(kind: String, file: String, line: Int, seq: Int, text: String) {
            self.kind = kind
            self.file = file
            self.line = line
            self.seq = seq
            self.text = text
        }
    }

    package var schema = controlSchema
    /// Whether nothing was found.
    package var ok: Bool
    package var folder: String
    package var fileCount: Int
    package var lineCount: Int
    package var checkpointCount: Int
    package var firstSeq: Int?
    package var firstAt: String?
    package var lastAt: String?
    /// The last line, `SEQ:sha256:HEX`: to be remembered elsewhere.
    package var head: String
    package var lastCheckpointSeq: Int?
    /// Where the public key came from; nothing where no signature was checked.
    package var key: String?
    /// Of how many lines known from elsewhere it was seen that they are there.
    package var knownCount: Int
    /// In the order of the log; the first names the first bad line.
    package var findings: [Finding]
    package var notes: [String]

    package init(
        ok: Bool,
        folder: String,
        fileCount: Int,
        lineCount: Int,
        checkpointCount: Int,
        head: String,
        knownCount: Int,
        findings: [Finding],
        notes: [String]
    ) {
        self.ok = ok
        self.folder = folder
        self.fileCount = fileCount
        self.lineCount = lineCount
        self.checkpointCount = checkpointCount
        self.head = head
        self.knownCount = knownCount
        self.findings = findings
        self.notes = notes
    }
}
