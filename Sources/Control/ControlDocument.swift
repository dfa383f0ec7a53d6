// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import FoundationEssentials

/// One JSON document of the control sockets and of `eigctl --json`.
///
/// Property names become snake case on the wire. Instants are RFC 3339 text, durations whole seconds
/// unless the name ends in another unit.
package protocol ControlDocument: Codable, Sendable, Hashable {
    /// Which shape this is; readers refuse one they do not know.
    var schema: String { get }
    /// Whether what was asked for is so.
    var ok: Bool { get }
}

/// The version of every document's shape.
package let controlSchema = "eig/1"

/// A document that is not what its reader expected; `why` names the field, never the bytes.
package struct DocumentError: Error, Hashable, Sendable {
    package let why: String

    package init(why: String) { self.why = why }
}

extension ControlDocument {
    /// The document as one line of JSON, keys sorted, with a newline.
    package var json: [UInt8] {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return Array(try encoder.encode(self)) + [UInt8(ascii: "\n")]
        } catch {
            fatalError("a control document that cannot be written: \(Self.self): \(error)")
        }
    }

    /// - Throws: ``DocumentError`` for malformed JSON, a missing field or another schema.
    package init(json: [UInt8]) throws(DocumentError) {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        do {
            self = try decoder.decode(Self.self, from: Data(json))
        } catch let error as DecodingError {
            throw DocumentError(why: error.sentence)
        } catch {
            throw DocumentError(why: "not JSON")
        }
        guard schema == controlSchema else { throw DocumentError(why: "schema is \(schema), not \(controlSchema)") }
    }
}

extension DecodingError {
    var sentence: String {
        switch self {
        case .keyNotFound(let key, let context): "no \(Self.path(context.codingPath + [key]))"
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            "\(Self.path(context.codingPath)) has another type"
        case .dataCorrupted(let context):
            context.codingPath.isEmpty ? "not JSON" : "\(Self.path(context.codingPath)) has no such value"
        @unknown default: "not the document expected"
        }
    }

    private static func path(_ keys: [any CodingKey]) -> String {
        keys.map { key in key.intValue.map { "[\($0)]" } ?? key.stringValue }.joined(separator: ".")
    }
}
