// SPDX-License-Identifier: Apache-2.0
internal import Base
package import TLS

/// Where a log ends: the number of a line and what the bytes of that line hash to, which vouches for all before it.
///
/// Known from somewhere else, it finds what the log itself cannot show: that its end was cut.
package struct TrailHead: Hashable, Sendable, CustomStringConvertible {
    /// Counts from 1; 0 before the first line.
    package let seq: Int
    /// SHA-256, 32 bytes; zeros before the first line.
    package let hash: [UInt8]

    /// - Precondition: the hash has 32 bytes.
    package init(seq: Int, hash: [UInt8]) {
        invariant(seq >= 0 && hash.count == 32, "no head of a log")
        self.seq = seq
        self.hash = hash
    }

    /// Before the first line.
    package static let empty = TrailHead(seq: 0, hash: [UInt8](repeating: 0, count: 32))

    /// Reads ``description``.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[1] == "sha256", let seq = Int(parts[0]), seq >= 0, parts[0] == String(seq),
            let hash = Hex.decode(String(parts[2])), hash.count == 32
        else { return nil }
        self.init(seq: seq, hash: hash)
    }

    /// `4711:sha256:` and 64 digits.
    package var description: String { "\(seq):sha256:\(Hex.encode(hash))" }
}

/// A head on one line with a signature, as the log keeps it beside its files: who can cut the log but has not the key
/// cannot move the head back.
package struct SignedHead: Hashable, Sendable {
    private static let domain = Array("partner-edge audit head 1\n".utf8)

    package let head: TrailHead
    package let signature: [UInt8]

    package init(_ head: TrailHead, by key: Ed25519.PrivateKey) {
        self.head = head
        signature = key.sign(Self.domain + Array(head.description.utf8))
    }

    /// Nothing for anything but ``text``.
    package init?(text: String) {
        let words = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard words.count == 2, words[1].isEmpty else { return nil }
        let parts = words[0].split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 2, let head = TrailHead(parts[0]), let signature = Base64.decode(String(parts[1])) else {
            return nil
        }
        self.head = head
        self.signature = signature
    }

    /// One line, always of the same length for the same number of digits, with its newline.
    package var text: String { "\(head) \(Base64.encode(signature))\n" }

    package func isValid(for keys: [Ed25519.PublicKey]) -> Bool {
        let message = Self.domain + Array(head.description.utf8)
        return keys.contains { $0.isValid(signature: signature, for: message) }
    }
}
