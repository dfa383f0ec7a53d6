// SPDX-License-Identifier: Apache-2.0

/// One field of a head: where its name and value are, and what the name is known as.
package struct Field: Hashable, Sendable {
    package let name: ByteSlice
    /// Without the whitespace around it; may be empty.
    package let value: ByteSlice
    package let known: KnownField
    /// The line is `name: value` and CRLF to the byte, as it would be written here.
    let isCanonical: Bool

    static let none = Field(name: .none, value: .none, known: .other, isCanonical: false)

    @inline(__always)
    init(name: ByteSlice, value: ByteSlice, known: KnownField, isCanonical: Bool) {
        self.name = name
        self.value = value
        self.known = known
        self.isCanonical = isCanonical
    }
}
