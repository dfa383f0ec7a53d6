// SPDX-License-Identifier: Apache-2.0
internal import Base

/// How urgent an entry is, as syslog(3) and `journalctl -p` number it.
package enum JournalPriority: UInt8, Sendable {
    case alert = 1
    case error = 3
    case warning = 4
    case notice = 5
    case information = 6
}

/// One entry for the journal in the making: fields in the form of its native protocol
/// (https://systemd.io/JOURNAL_NATIVE_PROTOCOL/).
package struct JournalEntry: ~Copyable {
    private var buffer = ByteBuffer()

    package init() {}

    /// The entry as it goes over the wire.
    package var bytes: Span<UInt8> {
        @_lifetime(borrow self) get { buffer.bytes }
    }

    /// Begins anew, in the same room.
    package mutating func removeAll() { buffer.removeAll() }

    /// - Parameter name: capitals, digits and underscores, not beginning with an underscore.
    package mutating func append(_ name: StaticString, _ value: Span<UInt8>) {
        buffer.append(name)
        var isOneLine = true
        for index in value.indices where value[index] == UInt8(ascii: "\n") {
            isOneLine = false
            break
        }
        if isOneLine {
            buffer.append(UInt8(ascii: "="))
        } else {
            // A value with newlines is announced by its length, eight octets, the lowest first.
            buffer.append(UInt8(ascii: "\n"))
            for shift in stride(from: 0, to: 64, by: 8) {
                buffer.append(UInt8(truncatingIfNeeded: value.count >> shift))
            }
        }
        buffer.append(value)
        buffer.append(UInt8(ascii: "\n"))
    }

    package mutating func append(_ name: StaticString, _ value: String) { append(name, value.utf8.span) }

    package mutating func append(_ priority: JournalPriority) {
        buffer.append("PRIORITY=" as StaticString)
        buffer.append(UInt8(ascii: "0") + priority.rawValue)
        buffer.append(UInt8(ascii: "\n"))
    }
}
