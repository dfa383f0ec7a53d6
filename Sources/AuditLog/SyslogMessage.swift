// SPDX-License-Identifier: Apache-2.0
internal import AuditTrail
internal import Base

/// One line of the log as a syslog message: its bytes unchanged, so that the copy hashes to what the chain says.
enum SyslogMessage {
    /// Log audit, 13 (RFC 5424 §6.2.1).
    private static let facility = 13
    private static let warning = 4
    private static let informational = 6

    /// Appends the message behind its length (RFC 5425 §4.3).
    ///
    /// - Parameters:
    ///   - line: as it was read from `bytes`; nothing for one that the log did not write, which is copied all the same.
    ///   - host: printable ASCII, 255 bytes at most.
    static func append(_ bytes: [UInt8], _ line: TrailLine?, host: String, to output: inout ByteBuffer) {
        let severity = line?.event.outcome == .success ? informational : warning
        // Six digits of the nine: RFC 5424 §6.2.3 allows no more.
        let at = line.map { "\($0.at.prefix(26))Z" } ?? "-"
        let kind = line.map { String($0.event.kind.rawValue.prefix(32)) } ?? "-"
        let head = Array("<\(facility * 8 + severity)>1 \(at) \(host) eig-audit - \(kind) - ".utf8)
        output.append(decimal: head.count + bytes.count)
        output.append(UInt8(ascii: " "))
        output.append(head)
        output.append(bytes)
    }

    /// A host's name as the header has it: a hyphen where there is none.
    static func host(_ name: String) -> String {
        let printable = name.utf8.filter { (0x21...0x7e).contains($0) }.prefix(255)
        return printable.isEmpty ? "-" : String(decoding: printable, as: UTF8.self)
    }
}
