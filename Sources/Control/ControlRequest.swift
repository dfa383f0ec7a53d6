// SPDX-License-Identifier: Apache-2.0
package import LinuxIO

/// One request of a local caller, complete and authorised.
package struct ControlRequest: Sendable {
    /// `GET`, `POST` and the like.
    package var method: String
    /// Starts with `/`; never decoded, so `%2F` stays what it is.
    package var path: String
    /// Decoded; a name occurs once.
    package var query: [String: String]
    package var body: [UInt8]
    package var peer: PeerCredentials
    /// What a caller says of who logged in before they became who they are.
    var claimedLogin: UInt32?

    package init(
        method: String,
        path: String,
        query: [String: String] = [:],
        body: [UInt8] = [],
        peer: PeerCredentials
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.body = body
        self.peer = peer
    }

    init(_ question: ControlQuestion, peer: PeerCredentials) {
        self.init(
            method: question.method,
            path: question.path,
            query: question.query,
            body: question.body,
            peer: peer
        )
        claimedLogin = question.login
    }

    /// The user who logged in, as far as it is known.
    package var loggedIn: LoggedInUser? { LoggedInUser.of(peer.processID, claim: claimedLogin) }

    /// The parts of the path between slashes: `["v1", "callbacks", "…"]`.
    package var segments: [Substring] { path.split(separator: "/") }
}

/// What is asked, whoever asks.
struct ControlQuestion: Sendable {
    var method: String
    var path: String
    var query: [String: String]
    var body: [UInt8]
    /// The user it says logged in.
    var login: UInt32?
}

/// The answer to a ``ControlRequest``.
package struct ControlResponse: Hashable, Sendable {
    package var status: Int
    package var contentType: String
    package var body: [UInt8]
    /// The methods that would do, for 405 (RFC 9110 §15.5.6); empty for every other status.
    package var allow = ""

    package init(status: Int, contentType: String, body: [UInt8]) {
        self.status = status
        self.contentType = contentType
        self.body = body
    }

    package init(_ document: some ControlDocument, status: Int = 200) {
        self.init(status: status, contentType: "application/json", body: document.json)
    }

    package static func text(_ text: String, contentType: String = "text/plain; charset=utf-8") -> ControlResponse {
        ControlResponse(status: 200, contentType: contentType, body: Array(text.utf8))
    }

    package static func failure(
        _ status: Int,
        code: String,
        message: String,
        hint: String? = nil,
        diagnostics: [DiagnosticItem]? = nil
    ) -> ControlResponse {
        let document = ErrorDocument(code: code, message: message, hint: hint, diagnostics: diagnostics)
        return ControlResponse(document, status: status)
    }

    /// The answer to a path nobody serves.
    package static func noSuchPath(_ request: ControlRequest) -> ControlResponse {
        .failure(404, code: "no_such_path", message: "there is no \(request.method) \(request.path)")
    }
}
