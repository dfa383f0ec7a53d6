// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import LinuxIO
internal import Partners

/// Gets every answer: from the options, from the file of answers, from whoever types, from the files as they are.
struct SetupInterview {
    private let invocation: Invocation
    private let files: SetupFiles
    private let given: [SetupQuestion: [String]]
    private let asks: Bool
    private let session: SSHConnection?

    init(_ invocation: Invocation, files: SetupFiles) throws(Failure) {
        self.invocation = invocation
        self.files = files
        given = try Self.given(invocation)
        asks = invocation.console.isInteractive && !invocation.has(SetupOption.yes) && !invocation.isJSON
        session = invocation.console.sshConnection().flatMap(SSHConnection.init)
    }

    /// Whether the files are taken as they are: nothing is answered, and nobody is asked.
    var isSilent: Bool { !asks && given.isEmpty }

    /// - Throws: usage for an answer that is wrong or missing; refused when the login of right now would be locked out.
    func answers() throws(Failure) -> SetupAnswers {
        var answers = SetupAnswers()
        for question in SetupQuestion.allCases {
            guard files.concerns(question) else {
                guard given[question] == nil else { throw notHere(question) }
                continue
            }
            answers.values[question] = try answer(question)
        }
        try requireWayBack(&answers)
        return answers
    }

    private func answer(_ question: SetupQuestion) throws(Failure) -> [String] {
        if let answer = given[question] { return answer }
        let present = files.present(question) ?? question.standard
        if asks { return try ask(question, present: present) }
        if let present { return present }
        throw .usage(
            "`\(question.option.name)` is missing: \(question.explanation.prefix(1).lowercased())"
                + question.explanation.dropFirst(),
            hint: "give it as an option or in the file of `--answers`, or run `eigctl setup` on a terminal"
        )
    }

    private func ask(_ question: SetupQuestion, present: [String]?) throws(Failure) -> [String] {
        invocation.console.error("\n\(question.explanation)\n")
        let shown = present.map { $0.isEmpty ? "none" : $0.joined(separator: ", ") }
        while true {
            guard let line = invocation.console.readLine("\(question.rawValue)\(shown.map { " [\($0)]" } ?? ""): ")
            else {
                invocation.console.error("\n")
                throw Failure(code: "no_answer", message: "the input ended; nothing was changed")
            }
            if let present, !line.contains(where: { $0 != " " }) { return present }
            do throws(SetupFlaw) {
                return try question.parse(line)
            } catch {
                invocation.console.error("  \(error.why)\(error.hint.map { "; \($0)" } ?? "")\n")
            }
        }
    }

    /// New connections of administrators must go on being possible from where this one comes.
    private func requireWayBack(_ answers: inout SetupAnswers) throws(Failure) {
        guard let session, !invocation.has(SetupOption.allowLockout) else { return }
        for question in [SetupQuestion.management, .managementPorts] {
            var insisted: [String]?
            while let danger = session.danger(answers, question), insisted != answers[question] {
                guard asks else {
                    throw Failure(
                        .refused,
                        code: "would_lock_out",
                        message: "\(danger); nothing was changed",
                        hint: "add it to `\(question.option.name)`, or insist with `--allow-lockout`"
                    )
                }
                invocation.console.error(
                    "\nWarning: \(danger).\nType it with that added, or the same again to insist.\n"
                )
                insisted = answers[question]
                answers.values[question] = try ask(question, present: nil)
            }
        }
    }

    private func notHere(_ question: SetupQuestion) -> Failure {
        let why =
            question == .reach
            ? "jumpd.toml is configured already, with reaches of its own"
            : "eigd.toml has no backend \(question.rawValue)"
        return .usage("`\(question.option.name)` cannot be set: \(why)", hint: "edit the file itself")
    }
}

extension SetupInterview {
    /// Options go before the file of answers.
    private static func given(_ invocation: Invocation) throws(Failure) -> [SetupQuestion: [String]] {
        var texts: [SetupQuestion: String] = [:]
        if let path = invocation.value(SetupOption.answers) { texts = try read(path) }
        for question in SetupQuestion.allCases {
            if let text = invocation.value(question.option) { texts[question] = text }
        }
        var given: [SetupQuestion: [String]] = [:]
        for (question, text) in texts {
            do throws(SetupFlaw) {
                given[question] = try question.parse(text)
            } catch {
                throw .usage("`\(question.option.name)` is `\(text.printable)`: \(error.why)", hint: error.hint)
            }
        }
        return given
    }

    /// Lines `NAME = VALUE`, names as the options without their dashes; empty ones and those behind `#` do not count.
    private static func read(_ path: String) throws(Failure) -> [SetupQuestion: String] {
        let bytes: [UInt8]
        do throws(Errno) {
            bytes = try FileStore.read(path, byteCountMax: 65_536)
        } catch {
            throw Failure(code: "unreadable", message: "\(path): \(error)")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Failure(code: "unreadable", message: "\(path): the file is not UTF-8", hint: "save it as UTF-8")
        }
        var answers: [SetupQuestion: String] = [:]
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let place = "\(path):\(index + 1)"
            let words = line.drop { $0 == " " || $0 == "\t" }
            if words.isEmpty || words.first == "#" { continue }
            let parts = words.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = parts[0].split(separator: " ").joined()
            guard parts.count == 2 else { throw .usage("\(place): this is not NAME = VALUE") }
            guard let question = SetupQuestion(rawValue: name) else {
                let nearest = Spelling.nearest(to: name, among: SetupQuestion.allCases.map(\.rawValue))
                let hint = nearest.map { "did you mean `\($0)`?" } ?? "see `eigctl setup --help` for the names"
                throw .usage("\(place): there is no answer `\(name.printable)`", hint: hint)
            }
            guard answers.updateValue(String(parts[1]), forKey: question) == nil else {
                throw .usage("\(place): `\(name)` is there twice")
            }
        }
        return answers
    }
}

/// Where a login over ssh comes from, and which port of this host it came to (ssh(1), SSH_CONNECTION).
struct SSHConnection {
    let client: IPAddress
    let port: UInt16?

    init?(_ text: String) {
        let words = text.split(separator: " ")
        // A link-local address carries its interface behind a percent sign.
        guard let word = words.first, let client = IPAddress(word.prefix { $0 != "%" }) else { return nil }
        self.client = client
        port = words.count > 3 ? UInt16(words[3]) : nil
    }

    /// What in the answer to `question` would shut the door behind this login, or nothing.
    func danger(_ answers: SetupAnswers, _ question: SetupQuestion) -> String? {
        switch question {
        case .management where !answers.networks(.management).contains(where: { $0.contains(client) }):
            "you are here over ssh from \(client), which is in none of the management networks: you could not come back"
        case .managementPorts:
            port.flatMap { port in
                answers.ports.contains(port)
                    ? nil : "you are here over ssh on port \(port), which is none of the management ports"
            }
        default: nil
        }
    }
}
