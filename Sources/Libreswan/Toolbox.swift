// SPDX-License-Identifier: Apache-2.0
package import IPsecConfig
internal import LinuxIO

/// Libreswan's own programs, each started with an argument vector, a time it may take and a bound on what it may say.
///
/// No exit status is trusted alone: `whack` and `addconn` say 0 for much that was not done. Callers read back.
package struct Toolbox: Sendable {
    package let paths: LibreswanPaths
    private let versions = VersionMemory()
    /// Of one call.
    package static let timeLimit = Duration.seconds(15)
    /// Of one stream of one call: the state of 500 connections is 700 kB.
    static let byteCountMax = 8 << 20

    package init(_ paths: LibreswanPaths) { self.paths = paths }

    /// Whether Libreswan is installed at all.
    package var isInstalled: Bool { (try? FileStore.status(paths.program("pluto"))) != nil }

    /// The installed version, which is not always the one that runs.
    package func installedVersion() throws(ToolFailure) -> LibreswanVersion {
        try versions.version(of: paths.program("pluto")) { () throws(ToolFailure) in
            let answer = try run("pluto", ["--version"])
            guard let version = LibreswanVersion(answer.outputText) else {
                throw .refused(program: "pluto --version", status: answer.status, said: Self.said(answer))
            }
            return version
        }
    }

    // MARK: What pluto says

    package func status() throws(ToolFailure) -> String { try ask(["--status"]) }
    package func trafficStatus() throws(ToolFailure) -> String { try ask(["--trafficstatus"]) }
    package func showStates() throws(ToolFailure) -> String { try ask(["--showstates"]) }
    package func globalStatus() throws(ToolFailure) -> String { try ask(["--globalstatus"]) }
    package func shuntStatus() throws(ToolFailure) -> String { try ask(["--shuntstatus"]) }
    package func listSharedSecrets() throws(ToolFailure) -> String { try ask(["--listpsks"]) }

    /// Whether pluto answers.
    package func isAnswering() -> Bool {
        guard let answer = try? run("whack", whack(["--briefstatus"])) else { return false }
        return answer.isSuccess
    }

    // MARK: What pluto is told

    /// Loads every connection of a file and sets its trap; those pluto has already are replaced.
    ///
    /// The file must hold only what is new or has changed: what is loaded again loses its SAs.
    ///
    /// - Returns: what was said, for the log of a failure; whether it was done is read back.
    package func load(_ file: String) throws(ToolFailure) -> String {
        let answer = try run("addconn", ["--ctlsocket", paths.controlSocket, "--config", file, "--autoall"])
        return Self.said(answer)
    }

    /// Forgets all secrets and reads them anew; SAs stay.
    package func rereadSecrets() throws(ToolFailure) { _ = try ask(["--rereadsecrets"]) }

    package func route(_ name: ConnectionName) throws(ToolFailure) -> String {
        try order(["--route", "--name", name.description])
    }

    /// Begins the key exchange and does not wait for its end.
    package func initiate(_ name: ConnectionName) throws(ToolFailure) {
        _ = try order(["--initiate", "--asynchronous", "--name", name.description])
    }

    /// Ends its SAs; its trap stays, and traffic brings it up again.
    package func terminate(_ name: ConnectionName) throws(ToolFailure) {
        _ = try order(["--terminate", "--name", name.description])
    }

    /// Ends its SAs, takes its trap away and forgets it; one pluto does not have is no failure.
    package func delete(_ name: ConnectionName) throws(ToolFailure) {
        _ = try order(["--delete", "--name", name.description])
    }

    // MARK: What needs no pluto

    /// Has the parser pluto starts with read a file.
    ///
    /// - Throws: when it says anything at all: it exits with 0 for much that it then loads as something else.
    package func check(_ file: String) throws(ToolFailure) {
        let answer = try run("addconn", ["--config", file, "--checkconfig"])
        let remarks = [answer.outputText, answer.errorText].flatMap { Self.remarks($0) }
        guard answer.isSuccess, remarks.isEmpty else {
            throw .refused(program: "addconn --checkconfig", status: answer.status, said: Self.said(answer))
        }
    }

    /// What a program said of the file it was given: on a host without a resolver addconn says that, too.
    static func remarks(_ text: String) -> [Substring] {
        text.split(separator: "\n").filter { !$0.hasPrefix("addconn: error reading /etc/resolv.conf: ") }
    }

    /// Has Libreswan take apart one list of algorithms, `ike=…` or `esp=…`.
    package func checkAlgorithms(_ list: String, version: IKEVersionFlag) throws(ToolFailure) {
        let answer = try run("algparse", [version.rawValue, "-pfs=yes", list])
        guard answer.isSuccess, !answer.output.isEmpty else {
            throw .refused(program: "algparse \(list)", status: answer.status, said: Self.said(answer))
        }
    }

    package enum IKEVersionFlag: String, Sendable {
        case v1 = "-v1"
        case v2 = "-v2"
    }

    // MARK: How they are run

    /// `whack`, and its answer when pluto gave one.
    private func ask(_ arguments: [String]) throws(ToolFailure) -> String {
        let answer = try run("whack", whack(arguments))
        try requirePluto(answer)
        guard answer.isSuccess else {
            throw .refused(program: "whack \(arguments[0])", status: answer.status, said: Self.said(answer))
        }
        return answer.outputText
    }

    /// `whack`, whatever its exit status: what it says is for the log, what it did is read back.
    private func order(_ arguments: [String]) throws(ToolFailure) -> String {
        let answer = try run("whack", whack(arguments))
        try requirePluto(answer)
        return Self.said(answer)
    }

    private func requirePluto(_ answer: ChildProcess.Result) throws(ToolFailure) {
        if !answer.isSuccess, answer.errorText.contains("is not running") || answer.errorText.contains("no right to") {
            throw .plutoSilent(socket: paths.controlSocket)
        }
    }

    private func whack(_ arguments: [String]) -> [String] { ["--rundir", paths.runtime] + arguments }

    private func run(_ program: String, _ arguments: [String]) throws(ToolFailure) -> ChildProcess.Result {
        try Self.run(paths.program(program), arguments)
    }

    static func run(
        _ program: String,
        _ arguments: [String],
        timeLimit: Duration = Toolbox.timeLimit
    ) throws(ToolFailure) -> ChildProcess.Result {
        let answer: ChildProcess.Result
        do throws(Errno) {
            answer = try ChildProcess.run([program] + arguments, timeout: timeLimit, byteCountMax: byteCountMax)
        } catch {
            throw error == .noEntry ? .missing(program: program) : .notStarted(program: program, error)
        }
        // Nobody else sends it that signal.
        if answer.status == .killed(signal: 9) { throw .timedOut(program: program) }
        return answer
    }

    /// Both streams in one line of bounded length.
    static func said(_ answer: ChildProcess.Result) -> String {
        let lines = (answer.errorText + "\n" + answer.outputText).split(whereSeparator: \.isNewline)
        let text = lines.map { $0.trimmed }.filter { !$0.isEmpty }.joined(separator: "; ")
        return String(text.prefix(ToolFailure.saidMax))
    }
}

extension Substring {
    /// Without blanks at both ends.
    var trimmed: Substring {
        let start = drop(while: \.isWhitespace)
        guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return start[...last]
    }
}
