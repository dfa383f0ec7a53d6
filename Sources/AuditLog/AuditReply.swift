// SPDX-License-Identifier: Apache-2.0
internal import Base

/// What the log answers to one event: it is written, under a number, or it is not, and why.
///
/// Written means that write(2) took the whole line: the end of any process loses nothing. What a power cut may take is
/// the last second.
package enum AuditReply: Hashable, Sendable {
    case written(seq: Int)
    case refused(why: String)

    static let textBytesMax = 512

    /// `ok 17`, or `error` and a reason in one line.
    var message: [UInt8] {
        switch self {
        case .written(let seq): Array("ok \(seq)".utf8)
        case .refused(let why): Array("error \(why)".utf8.prefix(Self.textBytesMax))
        }
    }

    /// Nothing for what is no answer of the log's.
    init?(_ message: Span<UInt8>) {
        let text = String(message)
        if text.hasPrefix("ok "), let seq = Int(text.dropFirst(3)), seq > 0 {
            self = .written(seq: seq)
        } else if text.hasPrefix("error ") {
            self = .refused(why: String(text.dropFirst(6)))
        } else {
            return nil
        }
    }
}
