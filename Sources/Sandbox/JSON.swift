// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import FoundationEssentials

/// Codable values to and from bytes, keys sorted so that equal values are equal bytes.
enum JSON {
    static func encode(_ value: some Encodable) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return Array(try encoder.encode(value))
        } catch {
            // Only values of our own types come here: strings, numbers and lists of them.
            invariant(false, "a value that cannot be JSON: \(error)")
            return []
        }
    }

    /// Nothing when the bytes are not such a value.
    static func decode<Value: Decodable>(_ type: Value.Type, _ bytes: [UInt8]) -> Value? {
        try? JSONDecoder().decode(type, from: Data(bytes))
    }
}
