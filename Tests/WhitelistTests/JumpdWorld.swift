// SPDX-License-Identifier: Apache-2.0
import Base
import Control
import Foundation
import LinuxIO
import Synchronization
import TestKit
import Testing

/// A host that runs the real `jumpd`, a partner's host on a wire to it, and a configuration folder.
final class JumpdWorld: Sendable {
    let edge: Host
    let payfast: Host
    private let place: TemporaryFolder
    private let errors = Mutex<String>("")

    /// A running `jumpd enforce`; it ends with its owner.
    final class Running: Sendable {
        private let child: ChildProcess
        private let errors: OwnedDescriptor
        private let ended = Mutex<LinuxIO.ExitStatus?>(nil)

        init(_ arguments: [String]) throws {
            let output = try LinuxIO.Pipe()
            child = try ChildProcess(arguments, output: output.writer, errors: output.writer)
            errors = output.keepReader()
        }

        deinit {
            guard status == nil else { return }
            child.signal(9)
            _ = wait()
        }

        func signal(_ signal: SignalDescriptor.Signal) { child.signal(signal.rawValue) }

        /// How it ended, if it has.
        var status: LinuxIO.ExitStatus? {
            ended.withLock { ended in
                if ended == nil { ended = child.poll() }
                return ended
            }
        }

        func wait(within timeout: Duration = .seconds(10)) -> LinuxIO.ExitStatus? {
            let deadline = Clock.monotonic() + timeout
            while status == nil, Clock.monotonic() < deadline { Clock.sleep(.milliseconds(10)) }
            return status
        }

        /// What it has said so far and was not read yet.
        func said() -> String {
            var buffer = ByteBuffer()
            while case .received? = try? errors.read(into: &buffer, byteCountMax: 1 << 16) {}
            return String(buffer.bytes)
        }
    }

    static let program: String = {
        let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") }
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let built = bundle.map { URL(filePath: $0).deletingLastPathComponent() } ?? root.appending(path: ".build/debug")
        return built.appending(path: "jumpd").path()
    }()

    init() throws {
        edge = try Host()
        payfast = try Host()
        try edge.connect("pay", ["10.1.0.1/24"], to: payfast, ["10.1.0.2/24", "10.1.0.3/24"])
        place = try TemporaryFolder()
        for name in ["ca", "partners.d"] { try FileStore.makeFolder(place[name], mode: 0o700) }
        let key = "\(folder)/key.pem"
        let minted = try ChildProcess.run([
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
            "/CN=PayFast CA", "-keyout", key, "-out", "\(folder)/ca/payfast-ca.pem",
        ])
        try #require(minted.isSuccess, "\(minted.errorText)")
        try write(Self.host(control: control), to: "jumpd.toml")
        try allow("10.1.0.2")
    }

    var folder: String { place.path }

    var control: String { "\(folder)/enforce.sock" }

    static func host(control: String) -> String {
        JumpdFile.host(
            addresses: ["10.1.0.1"],
            management: ["10.9.0.0/24"],
            managementPorts: [22],
            inside: "10.8.0.0/24"
        ) + "[control]\npath = \"\(control)\"\n"
    }

    func write(_ text: String, to name: String) throws {
        try FileStore.replace("\(folder)/\(name)", with: Array(text.utf8).span, mode: 0o640)
    }

    /// PayFast's file with these addresses.
    func allow(_ addresses: String..., until: String? = nil, more: String = "", tunnel: String = "") throws {
        let list = addresses.map { "\"\($0)\"" }.joined(separator: ", ")
        try write(
            """
            id = "payfast"
            name = "PayFast India"
            roles = ["send"]
            owner = "partner-ops@example.net"
            ticket = "NET-4711"
            \(more)
            [[allow]]
            from = [\(list)]
            reason = "production egress"
            \(until.map { "until = \($0)" } ?? "")
            \(tunnel)
            [[certificate]]
            ca = "payfast-ca.pem"
            san = "edge.payfast.example"

            """,
            to: "partners.d/payfast.toml"
        )
    }

    /// Starts `jumpd` on the edge with this folder.
    func start(_ arguments: String...) throws -> Running {
        let command = [Self.program] + arguments + ["--config", folder]
        return try edge.run { try Running(command) }
    }

    /// Starts `jumpd enforce` and waits until it answers.
    func enforce(_ arguments: String...) throws -> Running {
        let command = [Self.program, "enforce"] + arguments + ["--config", folder]
        let running = try edge.run { try Running(command) }
        for _ in 0..<500 {
            if let response = try? ControlClient(path: control).send("GET", "/v1/status"), response.status == 200 {
                return running
            }
            guard running.status == nil else { break }
            Clock.sleep(.milliseconds(20))
        }
        throw Host.CommandFailure(arguments: command, message: running.said())
    }

    func ask<Document: ControlDocument>(_ method: String, _ path: String, for: Document.Type) throws -> Document {
        let response = try ControlClient(path: control).send(method, path)
        return try Document(json: response.body)
    }

    func status() throws -> EnforceStatusDocument {
        try ask("GET", "/v1/status", for: EnforceStatusDocument.self)
    }

    /// The addresses the kernel lets PayFast come from, as the enforcer says it.
    func allowed() throws -> [String] {
        try status().partners.flatMap { $0.entries.map(\.prefix) }.sorted()
    }

    /// Waits until `condition` holds.
    func eventually(_ condition: () throws -> Bool) throws -> Bool {
        for _ in 0..<250 {
            if try condition() { return true }
            Clock.sleep(.milliseconds(20))
        }
        return false
    }

    func tables() throws -> [String] {
        try edge.run { try ChildProcess.run(["nft", "list", "tables"]).outputText }
            .split(separator: "\n").map(String.init).sorted()
    }
}
