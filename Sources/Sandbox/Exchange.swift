// SPDX-License-Identifier: Apache-2.0
package import Base

/// One header field as it travels.
package struct HeaderField: Hashable, Sendable {
    package let name: String
    package let value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

extension [HeaderField] {
    /// The first field of that name, whatever its case.
    package subscript(name: String) -> String? {
        let wanted = name.lowercased()
        return first { $0.name.lowercased() == wanted }?.value
    }
}

/// A whole request as a simulator received it.
package struct ReceivedRequest: Sendable {
    package var method: String
    package var path: String
    package var query = ""
    package var fields: [HeaderField] = []
    package var body: [UInt8] = []
    /// Where it came from; nothing on a Unix socket.
    package var peer: IPAddress?
    /// The subject of the client certificate, when one was shown.
    package var certificate: String?

    package init(method: String, path: String) {
        self.method = method
        self.path = path
    }

    /// The path's parts between slashes.
    var parts: [Substring] { path.split(separator: "/") }
}

/// A whole answer, sent or received.
package struct Answer: Hashable, Sendable {
    package var status: Int
    package var fields: [HeaderField]
    package var body: [UInt8]

    package init(status: Int, fields: [HeaderField] = [], body: [UInt8] = []) {
        self.status = status
        self.fields = fields
        self.body = body
    }

    /// A JSON body with its content type.
    static func json(_ status: Int, _ value: some Encodable) -> Answer {
        Answer(status: status, fields: [HeaderField("Content-Type", "application/json")], body: JSON.encode(value))
    }

    package var text: String { String(decoding: body, as: UTF8.self) }
}

/// What answers the requests of one listener.
package protocol Role: Sendable {
    /// Called on the connection's own thread; may block.
    func answer(_ request: ReceivedRequest) -> Answer
}
