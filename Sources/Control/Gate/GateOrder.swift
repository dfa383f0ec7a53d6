// SPDX-License-Identifier: Apache-2.0
internal import FoundationEssentials

/// The body of a `POST` to the gate: what somebody wants, in the words of JSON.
///
/// Unlike a ``ControlDocument`` it carries no schema, so that it can be typed by hand for curl, and a field it does not
/// know is refused: a misspelled `from` would make another grant than the one that was meant.
package protocol GateOrder: Codable, Sendable, Hashable {
    /// The fields there are, in snake case.
    static var fields: [String] { get }
}

extension GateOrder {
    /// One line, keys sorted.
    package var json: [UInt8] {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return Array(try encoder.encode(self))
        } catch {
            fatalError("an order that cannot be written: \(Self.self): \(error)")
        }
    }

    /// Reads a body; an empty one is `{}`.
    ///
    /// - Throws: ``DocumentError`` for malformed JSON, a missing field, one of another type and one there is not.
    package init(json: [UInt8]) throws(DocumentError) {
        let data = json.isEmpty ? Data("{}".utf8) : Data(json)
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        guard let given = try? JSONDecoder().decode(FieldNames.self, from: data).names else {
            throw DocumentError(why: "not a JSON object")
        }
        if let stranger = given.first(where: { !Self.fields.contains($0) }) {
            throw DocumentError(why: "there is no field \(Self.shown(stranger)); there are \(Self.list)")
        }
        do {
            self = try decoder.decode(Self.self, from: data)
        } catch let error as DecodingError {
            // A number with a fraction where a whole one belongs comes without its place.
            if case .dataCorrupted(let context) = error, context.codingPath.isEmpty {
                throw DocumentError(why: "a number is not a whole one, or too large")
            }
            throw DocumentError(why: error.sentence)
        } catch {
            throw DocumentError(why: "not JSON")
        }
    }

    private static var list: String { fields.joined(separator: ", ") }

    /// What a stranger wrote, short and without what a terminal would obey.
    private static func shown(_ name: String) -> String {
        String(name.prefix(32).map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == "-") ? $0 : "?" })
    }
}

/// The names of a JSON object's fields, as they are written.
private struct FieldNames: Decodable {
    private struct Name: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }

        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    let names: [String]

    init(from decoder: any Decoder) throws {
        names = try decoder.container(keyedBy: Name.self).allKeys.map(\.stringValue).sorted()
    }
}

/// `POST /v1/grants`: access to targets for a time.
package struct GrantOrder: GateOrder {
    package static let fields = ["targets", "minutes", "from", "reason", "ticket"]

    /// As in `jumpd.toml`: `eig-01:22`, `txn-db`.
    package var targets: [String]
    package var minutes: Int
    /// RFC 3339 in UTC; nothing lets it begin when it is approved.
    package var from: String?
    package var reason: String
    package var ticket: String

    package init(targets: [String], minutes: Int, from: String? = nil, reason: String, ticket: String) {
        self.targets = targets
        self.minutes = minutes
        self.from = from
        self.reason = reason
        self.ticket = ticket
    }
}

/// `POST /v1/break-glass`: access now, without anybody's approval.
package struct BreakGlassOrder: GateOrder {
    package static let fields = ["reason", "ticket"]

    package var reason: String
    package var ticket: String?

    package init(reason: String, ticket: String? = nil) {
        self.reason = reason
        self.ticket = ticket
    }
}

/// `POST /v1/grants/ID/approve`, `deny`, `revoke`, `close` and `POST /v1/sessions/ID/kill`.
package struct NoteOrder: GateOrder {
    package static let fields = ["note"]

    package var note: String?

    package init(note: String? = nil) { self.note = note }
}

/// `POST /v1/review/sign`: somebody has read the review.
package struct ReviewSignOrder: GateOrder {
    package static let fields = ["note", "days", "sha256"]

    package var note: String
    /// How far back it went.
    package var days: Int
    /// Of the review's JSON as it was read: hexadecimal, 64 digits.
    package var sha256: String

    package init(note: String, days: Int, sha256: String) {
        self.note = note
        self.days = days
        self.sha256 = sha256
    }
}

/// `POST /v1/unlock`: one of the two.
package struct UnlockOrder: GateOrder {
    package static let fields = ["person", "address"]

    /// The `id` of an administrator.
    package var person: String?
    package var address: String?

    package init(person: String? = nil, address: String? = nil) {
        self.person = person
        self.address = address
    }
}
