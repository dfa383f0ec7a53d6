// SPDX-License-Identifier: Apache-2.0
package import Base

package enum LoadMode: String, Hashable, Sendable, CaseIterable {
    /// A closed loop: every connection has one request outstanding, all the time.
    case keepAlive = "keep-alive"
    /// A new connection with a full handshake per request.
    case handshake
    /// A new connection per request that goes on from the one before.
    case resume
    /// An open loop at a fixed rate over connections that stay.
    case rate
    /// Many connections with one request each, then nothing but their memory.
    case idle

    package var opensPerRequest: Bool { self == .handshake || self == .resume }

    fileprivate var connectionCount: Int {
        switch self {
        case .keepAlive, .rate: 64
        case .handshake, .resume: 8
        case .idle: 10_000
        }
    }
}

/// What the load generator is to do.
package struct LoadOptions: Sendable {
    package let mode: LoadMode
    package let endpoint: IPEndpoint
    package let serverName: String
    package let authorityPath: String
    package let identitiesPath: String
    package let identityCountMax: Int
    /// Held at a time.
    package let connectionCount: Int
    package let seconds: Duration
    package let warmUp: Duration
    /// The run ends after so many requests instead of after ``seconds``.
    package let requestCount: Int?
    package let bodyBytes: Int
    package let answerBytes: Int
    package let method: String
    package let path: String
    package let headers: [String]
    /// Requests per second of ``LoadMode/rate``.
    package let rate: Double
    /// How long the connections of ``LoadMode/idle`` stay before memory is read.
    package let settle: Duration
    package let watched: [Int32]
    /// Connections come from these in turn; empty lets the kernel choose.
    package let sourceAddresses: [IPAddress]

    package static let usage = """
        usage: edge-load keep-alive|handshake|resume|rate|idle
            --connect ADDRESS:PORT --server-name NAME --ca FILE --identities FOLDER [--limit COUNT]
            [--connections COUNT] [--seconds SECONDS] [--warm-up SECONDS] [--requests COUNT]
            [--method WORD] [--path PATH] [--header 'NAME: VALUE']... [--body BYTES] [--answer BYTES]
            [--rate PER-SECOND] [--settle SECONDS] [--watch PID[,PID]...] [--source-addresses ADDRESS[,ADDRESS]...]

        """

    package init(_ arguments: [String]) throws(UsageError) {
        var line = try CommandWords(arguments)
        guard let word = line.words.first else { throw UsageError("the mode is missing") }
        guard let mode = LoadMode(rawValue: word) else { throw UsageError("unknown mode \(word)") }
        self.mode = mode
        endpoint = try line.required("--connect") { IPEndpoint($0) }
        serverName = try line.required("--server-name") { (1...255).contains($0.utf8.count) ? $0 : nil }
        authorityPath = try line.required("--ca") { $0 }
        identitiesPath = try line.required("--identities") { $0 }
        identityCountMax = try line.one("--limit", Self.positive) ?? .max
        connectionCount = try line.one("--connections", Self.positive) ?? mode.connectionCount
        requestCount = try line.one("--requests", Self.positive)
        seconds = try line.one("--seconds", Self.duration) ?? .seconds(10)
        warmUp = try line.one("--warm-up", Self.duration) ?? (requestCount == nil ? .seconds(1) : .zero)
        bodyBytes = try line.one("--body", Self.size) ?? 128
        answerBytes = try line.one("--answer", Self.size) ?? 40
        method = try line.one("--method", Self.line) ?? (bodyBytes > 0 ? "POST" : "GET")
        path = try line.one("--path", Self.line) ?? "/"
        headers = line.all("--header")
        for header in headers where !Self.isField(header) { throw UsageError("--header: not understood: \(header)") }
        let rate = try line.one("--rate") { Double($0).flatMap { $0 > 0 && $0 <= 1e6 ? $0 : nil } }
        guard (rate != nil) == (mode == .rate) else {
            throw UsageError(rate == nil ? "--rate is missing" : "--rate is for the mode rate")
        }
        self.rate = rate ?? 1
        settle = try line.one("--settle", Self.duration) ?? .seconds(2)
        watched = try line.one("--watch") { Self.list($0) { Int32($0).flatMap { $0 > 0 ? $0 : nil } } } ?? []
        sourceAddresses = try line.one("--source-addresses") { Self.list($0) { IPAddress($0) } } ?? []
        try line.end(wordCount: 1)
    }

    /// A header line that does no harm to the request around it.
    package static func isField(_ text: String) -> Bool { line(text) != nil && text.contains(/^[!-9;-~]+:/) }

    private static func positive(_ text: String) -> Int? { Int(text).flatMap { $0 > 0 ? $0 : nil } }

    private static func size(_ text: String) -> Int? { Int(text).flatMap { (0...64 << 20).contains($0) ? $0 : nil } }

    /// Seconds, with a fraction or without.
    private static func duration(_ text: String) -> Duration? {
        Double(text).flatMap { $0 >= 0 && $0 <= 86_400 ? .nanoseconds(Int64($0 * 1e9)) : nil }
    }

    private static func line(_ text: String) -> String? {
        text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7f } && !text.isEmpty ? text : nil
    }

    private static func list<Value>(_ text: String, _ read: (Substring) -> Value?) -> [Value]? {
        let values = text.split(separator: ",", omittingEmptySubsequences: false).map(read)
        return values.contains { $0 == nil } ? nil : values.compactMap { $0 }
    }
}
