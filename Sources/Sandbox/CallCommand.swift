// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import LinuxIO

/// What one call came to, as `eig-sandbox call` prints it: one JSON line.
package struct CallReport: Codable, Hashable, Sendable {
    /// The answer's status, or nothing when there was none.
    package var status: Int?
    package var milliseconds: Int
    package var fields: [String: String]?
    package var body: String?
    /// Why there was no answer.
    package var failure: String?
}

/// `eig-sandbox call`: one request, as any partner could make it.
enum CallCommand {
    static func run(_ arguments: some Sequence<String>) throws(UsageError) -> Int {
        let call = try call(arguments)
        let startedAt = Clock.monotonic()
        let outcome = Result { () throws(CallFailure) in try Caller.send(call) }
        var report = CallReport(milliseconds: Int((Clock.monotonic() - startedAt).milliseconds))
        switch outcome {
        case .success(let answer):
            report.status = answer.status
            report.fields = Dictionary(answer.fields.map { ($0.name, $0.value) }) { first, _ in first }
            report.body = answer.text
        case .failure(let failure): report.failure = failure.description
        }
        StandardStream.output.write(JSON.encode(report) + [UInt8(ascii: "\n")])
        return report.failure == nil ? 0 : 1
    }

    private static func call(_ words: some Sequence<String>) throws(UsageError) -> Call {
        var arguments = try Arguments(words, switches: ["--verbatim"])
        var call = Call(
            try arguments.one("--method") ?? "GET",
            try arguments.required("--url", Location.init)
        )
        call.isVerbatim = try arguments.has("--verbatim")
        call.endpoint = try arguments.one("--connect") { IPEndpoint($0) }
        call.identity = Identity(
            anchors: try arguments.one("--ca"),
            certificate: try arguments.one("--certificate"),
            key: try arguments.one("--key")
        )
        if let timeout = try arguments.one("--timeout", { Duration($0) }) { call.timeout = timeout }
        call.fields = try RoleCommand.credential(&arguments)
        for text in arguments.all("--header") {
            guard let colon = text.firstIndex(of: ":") else { throw UsageError("--header: NAME: VALUE") }
            let value = text[text.index(after: colon)...].drop { $0 == " " }
            call.fields.append(HeaderField(String(text[..<colon]), String(value)))
        }
        if let body = try arguments.one("--body") { call.body = Array(body.utf8) }
        if let byteCount = try arguments.one("--body-bytes", { Int($0) }) {
            guard (0...1 << 30).contains(byteCount) else { throw UsageError("--body-bytes: out of range") }
            call.body = [UInt8](repeating: UInt8(ascii: "x"), count: byteCount)
        }
        try arguments.end()
        return call
    }
}
