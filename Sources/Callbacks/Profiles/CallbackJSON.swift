// SPDX-License-Identifier: Apache-2.0
internal import FoundationEssentials

/// The scalar members of a JSON object's top level, as text: enough to find an identifier in a body that is
/// relayed as it came (RFC 8259).
struct CallbackJSON {
    /// Strings and whole numbers; nothing else identifies a transaction.
    private let members: [String: Member]

    private enum Member {
        case text(String)
        case number(Int64)
    }

    /// Fails for anything but one JSON object.
    init?(_ body: [UInt8]) {
        guard let document = try? JSONDecoder().decode(Document.self, from: Data(body)) else { return nil }
        members = document.members
    }

    /// A string or a whole number as text; nothing for a missing, empty or other member.
    func identifier(_ name: String) -> String? {
        switch members[name] {
        case .text(let text) where !text.isEmpty: text
        case .number(let number): String(number)
        default: nil
        }
    }

    /// A string member; a boolean or number of the same spelling is not one.
    func string(_ name: String) -> String? {
        if case .text(let text) = members[name] { text } else { nil }
    }

    private struct Document: Decodable {
        var members: [String: Member] = [:]

        struct Key: CodingKey {
            let stringValue: String
            var intValue: Int? { nil }
            init(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Key.self)
            for key in container.allKeys {
                if let text = try? container.decode(String.self, forKey: key) {
                    members[key.stringValue] = .text(text)
                } else if let number = try? container.decode(Int64.self, forKey: key) {
                    members[key.stringValue] = .number(number)
                }
            }
        }
    }
}
