// SPDX-License-Identifier: Apache-2.0
internal import Control
internal import LinuxIO

/// One of the programs eigctl asks.
struct Program: Sendable {
    private enum Way: Sendable {
        case socket(ControlClient)
        case network(GateClient)
    }

    let name: String
    /// Of systemd, without its ending.
    let unit: String
    /// Whether it is asked where its unit listens.
    let isStandard: Bool
    private let way: Way
    /// Whether there is a file where its socket should be.
    var hasSocket: Bool {
        guard case .socket(let client) = way else { return false }
        return (try? FileStore.status(client.path)) != nil
    }

    /// - Parameter standard: where its unit listens.
    init(name: String, unit: String, path: String, standard: String, timeout: Duration) {
        self.name = name
        self.unit = unit
        isStandard = path == standard
        way = .socket(ControlClient(path: path, timeout: timeout))
    }

    /// A gate that is asked over its TLS port.
    init(_ client: GateClient) {
        name = "gate \(client.gate.address)"
        unit = "jumpd"
        isStandard = false
        way = .network(client)
    }

    /// Asks and reads the answer.
    ///
    /// - Throws: a failure that names the program: it cannot be reached, it refused (with its own code, message
    ///   and hint), or it answered in another language.
    func ask<Document: ControlDocument>(
        _ method: String,
        _ target: String,
        query: [String: String] = [:],
        body: [UInt8] = [],
        for _: Document.Type
    ) throws(Failure) -> Document {
        let response = try send(method, target, query: query, body: body)
        do throws(DocumentError) {
            return try Document(json: response.body)
        } catch {
            throw Failure(
                code: "unexpected_answer",
                message: "\(name): an answer eigctl does not understand: \(error.why.printable)",
                hint: "are eigctl and \(name) of the same version?"
            )
        }
    }

    /// Asks for what is text.
    func text(_ target: String) throws(Failure) -> String {
        String(decoding: try send("GET", target).body, as: UTF8.self)
    }

    private func send(
        _ method: String,
        _ target: String,
        query: [String: String] = [:],
        body: [UInt8] = []
    ) throws(Failure) -> ControlResponse {
        let response: ControlResponse
        switch way {
        case .network(let client): response = try client.send(method, target, query: query, body: body)
        case .socket(let client):
            do throws(ControlClientError) {
                response = try client.send(method, target, query: query, body: body)
            } catch {
                throw unreachable(error)
            }
        }
        guard (200..<300).contains(response.status) else { throw refusal(response) }
        return response
    }

    /// What is said in plain text, as a gate says to whoever wanted a connection: `jumpd: ` and why, then `hint: ` and
    /// the mend, each on its line.
    private static func sentences(_ response: ControlResponse) -> (why: String, hint: String?)? {
        guard response.contentType.hasPrefix("text/plain") else { return nil }
        let lines = String(decoding: response.body.prefix(1000), as: UTF8.self).split { $0.isNewline }
        guard let first = lines.first else { return nil }
        func text(_ line: Substring, without prefix: String) -> String? {
            line.hasPrefix(prefix) ? String(line.dropFirst(prefix.count)) : nil
        }
        let hint = lines.dropFirst().first.flatMap { text($0, without: "hint: ") }
        return (text(first, without: "jumpd: ") ?? String(first), hint)
    }

    private func unreachable(_ error: ControlClientError) -> Failure {
        let hint: String?
        switch error {
        case .noSocket where unit == "jumpd":
            let elsewhere = "elsewhere ~/.config/eig/jump.toml says which gate, see eigctl(1)"
            hint = "on the gate's host: `systemctl status jumpd`; \(elsewhere)"
        case .noSocket, .nobodyListens: hint = "is it running? ask `systemctl status \(unit)`"
        default: hint = error.hint
        }
        return Failure(code: error.code, message: "\(name): \(error.message)", hint: hint)
    }

    /// What a program says that does not do what it was asked.
    func refusal(_ response: ControlResponse) -> Failure {
        let status: ExitCode
        switch response.status {
        case 403: status = .refused
        case 409, 423: status = .stale
        default: status = .error
        }
        guard let document = try? ErrorDocument(json: response.body) else {
            let said = Self.sentences(response)
            let why = said?.why ?? "it answered \(response.status)"
            return Failure(status, code: "refused", message: "\(name): \(why)", hint: said?.hint)
        }
        return Failure(
            status,
            code: document.error.code,
            message: "\(name): \(document.error.message)",
            hint: document.error.hint,
            diagnostics: document.diagnostics ?? []
        )
    }
}
