// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import LinuxIO

/// The laboratory `demo/lab.sh` built: programs in network namespaces, and what they wrote down.
struct Lab: Sendable {
    /// One side of the edge, by the name of its namespace and its files.
    enum Party: String, Sendable {
        case payfast, mobicash, stranger
    }

    /// Long enough for anything that should happen; what should not is never waited for.
    static let patience = Duration.seconds(20)

    let folder: String
    private let script: String

    init(folder: String, script: String) {
        self.folder = folder
        self.script = script
    }

    /// Runs one verb of the script.
    func run(_ words: String...) throws(CallFailure) {
        let result = try execute([script, folder] + words)
        guard result.isSuccess else {
            throw .setup("\(words.joined(separator: " ")): \(result.errorText)\(result.outputText)")
        }
    }

    /// One call out of a party's namespace, by a program of its own.
    func call(from party: Party, _ words: [String]) throws(CallFailure) -> CallReport {
        let command = [script, folder, "in", party.rawValue, "\(folder)/bin/eig-sandbox", "call"]
        let result = try execute(command + ["--ca", "\(folder)/pki/eig-ca.pem"] + words)
        guard let report = JSON.decode(CallReport.self, result.output) else {
            throw .setup("eig-sandbox call: \(result.errorText)")
        }
        return report
    }

    /// The flags that show a certificate.
    func showing(_ name: String) -> [String] {
        ["--certificate", "\(folder)/pki/\(name).pem", "--key", "\(folder)/pki/\(name).key"]
    }

    /// The flags that give a partner's user name and password.
    func login(_ party: Party) throws(CallFailure) -> [String] {
        do {
            let login = try FileStore.read("\(folder)/login.\(party.rawValue)", byteCountMax: 4096)
            return ["--login", String(decoding: login, as: UTF8.self)]
        } catch {
            throw .setup("\(folder)/login.\(party.rawValue): \(error)")
        }
    }

    /// Packets the kernel counted as coming from nobody we know, as `nft` tells it.
    func strangerPacketCount() throws(CallFailure) -> Int {
        let command = ["nft", "list", "counter", "inet", "eig", "strangers"]
        let words = String(decoding: try inside("edge", command), as: UTF8.self).split(whereSeparator: \.isWhitespace)
        guard let index = words.firstIndex(of: "packets"), let count = Int(words[index + 1]) else {
            throw .setup("\(command.joined(separator: " ")): \(words.joined(separator: " "))")
        }
        return count
    }

    /// Asks a simulator on its control socket.
    func ask(_ program: String, _ call: Call) throws(CallFailure) -> Answer {
        var call = call
        call.socketPath = "\(folder)/run/\(program).sock"
        return try Caller.send(call)
    }

    /// Whether the partners are behind IPsec tunnels.
    var isTunnelled: Bool { (try? FileStore.status("\(folder)/tunnelled")) != nil }

    /// What a command in a namespace writes.
    func inside(_ namespace: String, _ command: [String]) throws(CallFailure) -> [UInt8] {
        let result = try execute([script, folder, "in", namespace] + command)
        guard result.isSuccess else { throw .setup("\(command.joined(separator: " ")): \(result.errorText)") }
        return result.output
    }

    private func execute(_ command: [String]) throws(CallFailure) -> ChildProcess.Result {
        do {
            return try ChildProcess.run(command, timeout: .seconds(30))
        } catch {
            throw .setup("\(command[0]): \(error)")
        }
    }
}

extension Lab {
    /// A simulator's events so far.
    func events(_ program: String) -> [Event] {
        lines(program).compactMap { JSON.decode(Event.self, Array($0)) }
    }

    func gatewayLines() -> [GatewayLine] {
        lines("eigd").compactMap { JSON.decode(GatewayLine.self, Array($0)) }
    }

    /// Waits for a simulator to write down an event.
    func event(_ program: String, _ kind: Event.Kind, where isWanted: (Event) -> Bool) -> Event? {
        wait { events(program).first { $0.event == kind && isWanted($0) } }
    }

    /// Waits for eigd to log a line after the first `count`.
    func gatewayLine(after count: Int, where isWanted: (GatewayLine) -> Bool) -> GatewayLine? {
        wait { gatewayLines().dropFirst(count).first(where: isWanted) }
    }

    private func wait<Found>(_ find: () -> Found?) -> Found? {
        let deadline = Clock.monotonic() + Self.patience
        while true {
            if let found = find() { return found }
            guard Clock.monotonic() < deadline else { return nil }
            Clock.sleep(.milliseconds(5))
        }
    }

    private func lines(_ program: String) -> [ArraySlice<UInt8>] {
        // A log that is not there yet has no lines.
        let log = (try? FileStore.read("\(folder)/log/\(program).log")) ?? []
        return log.split(separator: UInt8(ascii: "\n"))
    }
}
