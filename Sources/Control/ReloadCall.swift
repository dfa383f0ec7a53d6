// SPDX-License-Identifier: Apache-2.0

/// Asks a running program to read its configuration again and waits for the verdict: what `ExecReload=` runs.
///
/// The program itself validates, with its own sockets and credentials, and changes nothing when anything is wrong.
package struct ReloadCall: Sendable {
    /// What came of it, with what to say on standard error.
    package enum Outcome: Hashable, Sendable {
        /// It was taken; warnings, if any.
        case taken(String)
        /// The files are wrong; what ran before still runs.
        case refused(String)
        /// The program could not be asked, or failed.
        case failed(String)
    }

    private let client: ControlClient
    private let target: String

    /// - Parameter target: what is posted to, such as `/v1/reload`.
    package init(path: String, target: String, timeout: Duration = .seconds(60)) {
        client = ControlClient(path: path, timeout: timeout)
        self.target = target
    }

    package func run() -> Outcome {
        let response: ControlResponse
        do throws(ControlClientError) {
            response = try client.send("POST", target)
        } catch {
            return .failed("\(error.message)\n" + (error.hint.map { "hint: \($0)\n" } ?? ""))
        }
        do throws(DocumentError) {
            guard response.status != 200 else {
                let document = try ChangeDocument(json: response.body)
                return .taken(document.diagnostics.map(Self.text).joined())
            }
            let document = try ErrorDocument(json: response.body)
            let text =
                (document.diagnostics ?? []).map(Self.text).joined() + "\(document.error.message)\n"
                + (document.error.hint.map { "hint: \($0)\n" } ?? "")
            return response.status == 422 ? .refused(text) : .failed(text)
        } catch {
            return .failed("\(client.path): not an answer of ours: \(error.why)\n")
        }
    }

    private static func text(_ item: DiagnosticItem) -> String {
        let place = [item.line, item.column].compactMap { $0 }.filter { $0 > 0 }.map { ":\($0)" }.joined()
        let hint = item.hint.flatMap { $0.isEmpty ? nil : "  hint: \($0)\n" } ?? ""
        return "\(item.file)\(place): \(item.severity): \(item.message) [\(item.code)]\n\(hint)"
    }
}
