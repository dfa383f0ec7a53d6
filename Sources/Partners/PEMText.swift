// SPDX-License-Identifier: Apache-2.0

/// A first look at PEM files (RFC 7468): that there is something of the right label in them, not what it is.
package enum PEMText {
    /// How many blocks of this label the text holds; nothing when a block is not closed.
    package static func blockCount(_ label: String, in text: String) -> Int? {
        var count = 0
        var isOpen = false
        for line in text.split(whereSeparator: \.isNewline) {
            if line == "-----BEGIN \(label)-----" {
                guard !isOpen else { return nil }
                isOpen = true
            } else if line == "-----END \(label)-----" {
                guard isOpen else { return nil }
                isOpen = false
                count += 1
            }
        }
        return isOpen ? nil : count
    }
}
