// SPDX-License-Identifier: Apache-2.0
import Base
import Control
import LinuxIO
import Synchronization
import TLS
import TestKit
import Testing
import eigctl

/// A bench with an administrator's files, and command lines that call a gate.
struct JumpBench {
    let bench: Bench
    let people: FakePeople

    init(_ people: FakePeople = FakePeople()) throws {
        bench = try Bench()
        self.people = people
        try write("anna.pem", people.anna.chainPEM)
        try write("anna.key", people.anna.keyPEM, mode: 0o600)
        try write("jump-ca.pem", people.gates.certificatePEM)
    }

    func write(_ name: String, _ bytes: [UInt8], mode: UInt32 = 0o644) throws {
        try FileStore.replace("\(bench.path)/\(name)", with: bytes.span, mode: mode)
    }

    func run(_ words: [String], gate: String, now: WallInstant = Clock.wall()) -> Ran {
        let files = ["cert=anna.pem", "key=anna.key", "ca=jump-ca.pem"].map { file in
            let parts = file.split(separator: "=")
            return "--\(parts[0])=\(bench.path)/\(parts[1])"
        }
        return bench.run(["--timeout=20s"] + words + ["--gate=\(gate)"] + files, now: now)
    }

    func run(_ words: String..., port: UInt16) -> Ran { run(words, gate: "127.0.0.1:\(port)") }

    /// Runs a connection and gives it `input`; what came out.
    func connect(_ target: String, port: UInt16, sending input: [UInt8]) throws -> (ran: Ran, output: [UInt8]) {
        let toVerb = try Pipe()
        let fromVerb = try Pipe()
        bench.give(
            Bench.Streams(input: try toVerb.reader.duplicate(), output: try fromVerb.writer.duplicate())
        )
        let writer = Sent(try toVerb.writer.duplicate(), input)
        let reader = Heard(fromVerb.keepReader())
        closing(toVerb)
        let feeding = try OwnedThread(name: "feed") { @Sendable in writer.run() }
        let hearing = try OwnedThread(name: "hear") { @Sendable in reader.run() }
        let ran = run("jump", "connect", target, port: port)
        bench.takeBack()
        feeding.join()
        hearing.join()
        return (ran, reader.bytes)
    }

    private func closing(_ pipe: consuming Pipe) {}
}

/// Writes all it has, then closes.
private final class Sent: Sendable {
    private let bytes: [UInt8]
    private let descriptor: Mutex<OwnedDescriptor?>

    init(_ descriptor: consuming OwnedDescriptor, _ bytes: [UInt8]) {
        self.descriptor = Mutex(descriptor)
        self.bytes = bytes
    }

    func run() {
        guard let taken = descriptor.withLock({ $0.take() }) else { return }
        let all = bytes
        // Who does not read to the end is what the test is about.
        do { try taken.writeAll(all.span) } catch { return }
    }
}

/// Reads to the end.
private final class Heard: Sendable {
    private let descriptor: OwnedDescriptor
    private let heard = Mutex<[UInt8]>([])

    init(_ descriptor: consuming OwnedDescriptor) { self.descriptor = descriptor }

    var bytes: [UInt8] { heard.withLock { $0 } }

    func run() {
        var buffer = ByteBuffer()
        while true {
            switch try? descriptor.read(into: &buffer, byteCountMax: 64 << 10) {
            case .received: continue
            case .wouldBlock: try? descriptor.wait(for: .readable, timeout: .seconds(30))
            case .endOfStream, nil:
                let all = buffer.array
                heard.withLock { $0 = all }
                return
            }
        }
    }
}

@Suite("eigctl jump connect")
struct JumpConnectTests {
    let jump: JumpBench

    init() throws {
        SignalDescriptor.ignoreBrokenPipes()
        jump = try JumpBench()
    }

    @Test("carries 8 MB both ways at once, and every byte comes back")
    func large() throws {
        let gate = try FakeGate(jump.people)
        try gate.start()
        defer { gate.stop() }
        var generator = SeededGenerator(seed: 6)
        let input = (0..<1_000_000).flatMap { _ -> [UInt8] in
            let word = generator.next()
            return (0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * UInt64($0))) }
        }
        let (ran, output) = try jump.connect("eig-01:22", port: gate.port, sending: input)
        #expect(ran.status == .ok, "\(ran.error)")
        #expect(output == input)
        #expect(gate.asked == ["CONNECT eig-01:22"])
    }

    @Test("passes on the target's end and still hears us out")
    func halfClose() throws {
        let gate = try FakeGate(jump.people, target: .says(Array("SSH-2.0-x\r\n".utf8)))
        try gate.start()
        defer { gate.stop() }
        let input = [UInt8](repeating: 7, count: 300_000)
        let (ran, output) = try jump.connect("eig-01:22", port: gate.port, sending: input)
        #expect(ran.status == .ok, "\(ran.error)")
        #expect(output == Array("SSH-2.0-x\r\n".utf8))
        // The target has its end a moment after we have ours.
        for _ in 0..<200 where gate.heard.count < input.count { Clock.sleep(.milliseconds(10)) }
        #expect(gate.heard == input)
    }

    private static let why = "access denied for anna to txn-db: no grant"
    private static let mend = "request a grant: eigctl grant request txn-db"
    private static let refusals = [
        ControlResponse.failure(403, code: "no_grant", message: why, hint: mend),
        .refusal("jumpd: \(why)\nhint: \(mend)\n"), .refusal("\(why)\r\nhint: \(mend)"),
    ]

    @Test("ends soon after the target where its own input never ends")
    func restingInput() throws {
        let gate = try FakeGate(jump.people, target: .says(Array("bye\n".utf8)))
        try gate.start()
        defer { gate.stop() }
        let input = try Pipe()
        let output = try Pipe()
        jump.bench.give(
            Bench.Streams(input: try input.reader.duplicate(), output: try output.writer.duplicate())
        )
        let ran = jump.run("jump", "connect", "eig-01:22", port: gate.port)
        #expect(ran.status == .ok, "\(ran.error)")
        var said = ByteBuffer()
        _ = try output.reader.read(into: &said, byteCountMax: 64)
        #expect(said.array == Array("bye\n".utf8))
        try input.writer.writeAll([1].span)
    }

    @Test("says a refusal in the gate's words, and ends with 1", arguments: refusals)
    func refused(_ answer: ControlResponse) throws {
        let gate = try FakeGate(jump.people, target: .refused(answer))
        try gate.start()
        defer { gate.stop() }
        let (ran, output) = try jump.connect("txn-db:5432", port: gate.port, sending: [])
        #expect(ran.status == .error)
        #expect(output.isEmpty && ran.output.isEmpty)
        #expect(ran.error == "eigctl: error: gate 127.0.0.1:\(gate.port): \(Self.why)\n  hint: \(Self.mend)\n")
    }

    @Test(
        "names the gate's program no second time, and shows no line that is neither why nor a mend",
        arguments: [
            ("jumpd: access denied\n", "access denied\n"),
            ("jumpd: access denied\nand more\nhint: x\n", "access denied\n"),
            ("\n\n", "it answered 403\n"), ("", "it answered 403\n"),
        ]
    )
    func plain(_ text: String, _ shown: String) throws {
        let gate = try FakeGate(jump.people, target: .refused(.refusal(text)))
        try gate.start()
        defer { gate.stop() }
        let (ran, _) = try jump.connect("txn-db:5432", port: gate.port, sending: [])
        #expect(ran.error == "eigctl: error: gate 127.0.0.1:\(gate.port): \(shown)")
    }

    @Test("says what little there is to say of an answer of another kind")
    func strange() throws {
        var page = ControlResponse.refusal("<html>")
        page.contentType = "text/html"
        let gate = try FakeGate(jump.people, target: .refused(page))
        try gate.start()
        defer { gate.stop() }
        #expect(try jump.connect("txn-db:5432", port: gate.port, sending: []).ran.error.contains("it answered 403"))
    }

    @Test("says that a session was cut, after what came before")
    func cut() throws {
        let gate = try FakeGate(jump.people, target: .cut(after: Array("hello".utf8)))
        try gate.start()
        defer { gate.stop() }
        let (ran, output) = try jump.connect("eig-01:22", port: gate.port, sending: [1])
        #expect(ran.status == .error)
        #expect(ran.error.contains("the session to eig-01:22 was cut"))
        #expect(output == Array("hello".utf8))
    }

    @Test("asks for the port only where it was not typed, and tells several apart")
    func ports() throws {
        let gate = try FakeGate(jump.people) { _, path, _ in
            path == "/v1/targets" ? ControlResponse(Self.targets) : .failure(404, code: "x", message: "x")
        }
        try gate.start()
        defer { gate.stop() }
        #expect(try jump.connect("txn-db", port: gate.port, sending: [1]).output == [1])
        #expect(gate.asked == ["GET /v1/targets", "CONNECT txn-db:5432"])
        let several = jump.run("jump", "connect", "eig-01", port: gate.port)
        #expect(several.status == .usage && several.error.contains("say which: eig-01:22, eig-01:443"))
        let near = jump.run("jump", "connect", "txn-dv", port: gate.port)
        #expect(near.status == .error && near.error.contains("did you mean txn-db?"))
        #expect(jump.run("jump", "connect", "10.0.0.1:22/x", port: gate.port).status == .usage)
        #expect(jump.run("jump", "connect", "eig-01", "70000", port: gate.port).status == .usage)
    }

    static let targets = TargetListDocument(
        who: "anna",
        targets: [
            item("eig-01", [22, 443], isAllowed: true), item("txn-db", [5432], isAllowed: false),
        ]
    )

    static func item(_ id: String, _ ports: [Int], isAllowed: Bool) -> TargetItem {
        var item = TargetItem(
            id: id,
            ports: ports,
            protocol: id == "txn-db" ? "postgresql" : "tcp",
            records: "metadata",
            leg: "plain",
            reason: "operations",
            idleSeconds: 900,
            longestSeconds: 28_800
        )
        item.isAllowed = isAllowed
        item.grant = isAllowed ? "g-1" : nil
        item.until = isAllowed ? "2026-11-22T04:00:00.000Z" : nil
        return item
    }
}

extension ControlResponse {
    /// As a gate refuses a connection.
    fileprivate static func refusal(_ text: String) -> ControlResponse {
        ControlResponse(status: 403, contentType: "text/plain; charset=utf-8", body: Array(text.utf8))
    }
}

@Suite("What can be wrong between an administrator and the gate")
struct GateTrustTests {
    @Test("a key others may read is refused before anything is called")
    func openKey() throws {
        let jump = try JumpBench()
        try jump.write("anna.key", jump.people.anna.keyPEM, mode: 0o640)
        let ran = jump.run("jump", "whoami", port: 1)
        #expect(ran.status == .error)
        #expect(ran.error.contains("others may read this private key (mode 0640)"))
        #expect(ran.error.contains("chmod 600"))
    }

    @Test("a certificate that has ended, and a key of another, are named")
    func ownFiles() throws {
        let ended = try JumpBench()
        let later = Clock.wall() + .seconds(2 * 86_400)
        let late = ended.run(["jump", "whoami"], gate: "127.0.0.1:1", now: later)
        #expect(late.error.contains("anna.pem: your certificate") && late.error.contains("ended on"), "\(late.error)")
        try ended.write("anna.key", ended.people.gate.keyPEM, mode: 0o600)
        #expect(ended.run("jump", "whoami", port: 1).error.contains("does not belong to"))
        try ended.write("jump-ca.pem", ended.people.anna.certificatePEM)
        try ended.write("anna.key", ended.people.anna.keyPEM, mode: 0o600)
        #expect(ended.run("jump", "whoami", port: 1).error.contains("jump-ca.pem: none of its certificates"))
        try ended.write("anna.pem", [1, 2, 3])
        #expect(ended.run("jump", "whoami", port: 1).error.contains("anna.pem: no CERTIFICATE block"))
    }

    @Test("nobody there, a name nobody has, and something that is no TLS")
    func unreachable() throws {
        let jump = try JumpBench()
        let refused = jump.run("jump", "whoami", port: 1)
        #expect(refused.error.contains("gate 127.0.0.1:1: Connection refused"))
        #expect(refused.error.contains("does jumpd run there"))
        let plain = try Sockets.listen(IPEndpoint(address: .v4(0x7f00_0001), port: 0))
        let port = try #require(Sockets.localEndpoint(plain)?.port)
        let held = PlainServer(plain)
        let thread = try OwnedThread(name: "plain") { @Sendable in held.run() }
        let ran = jump.run("jump", "whoami", port: port)
        thread.join()
        #expect(ran.error.contains("does not speak TLS"), "\(ran.error)")
    }

    @Test("a gate of another authority, of another name, and one that has ended")
    func gateCertificate() throws {
        let jump = try JumpBench()
        let gate = try FakeGate(jump.people)
        try gate.start()
        defer { gate.stop() }
        try jump.write("jump-ca.pem", jump.people.admins.certificatePEM)
        let distrusted = jump.run("jump", "whoami", port: gate.port)
        #expect(distrusted.error.contains("its certificate is not trusted"), "\(distrusted.error)")

        let named = try JumpBench(FakePeople { gate, _ in gate.alternativeNames = "DNS:other.example" })
        let other = try FakeGate(named.people)
        try other.start()
        defer { other.stop() }
        let ran = named.run("jump", "whoami", port: other.port)
        #expect(ran.error.contains("its certificate is for other.example, not for 127.0.0.1"), "\(ran.error)")

        let old = try JumpBench(
            FakePeople { gate, _ in
                gate.notBefore = -86_400
                gate.notAfter = -3600
            }
        )
        let ended = try FakeGate(old.people)
        try ended.start()
        defer { ended.stop() }
        #expect(old.run("jump", "whoami", port: ended.port).error.contains("certificate has expired"))
    }

    @Test("a certificate of an authority the gate does not know is refused in plain words")
    func stranger() throws {
        let jump = try JumpBench()
        let gate = try FakeGate(jump.people)
        try gate.start()
        defer { gate.stop() }
        let stranger = Minted.make(.leaf("mallory.example"), by: Minted.make(.authority("Strangers")))
        try jump.write("anna.pem", stranger.chainPEM)
        try jump.write("anna.key", stranger.keyPEM, mode: 0o600)
        let ran = jump.run("jump", "whoami", port: gate.port)
        #expect(ran.status == .error)
        #expect(ran.error.contains("it does not know the authority of your certificate"), "\(ran.error)")
    }

    /// Something that greets in clear text.
    private final class PlainServer: Sendable {
        private let listener: OwnedDescriptor

        init(_ listener: consuming OwnedDescriptor) { self.listener = listener }

        func run() {
            try? listener.wait(for: .readable, timeout: .seconds(20))
            guard let accepted = try? Sockets.accept(listener) else { return }
            let socket = accepted.takeDescriptor()
            try? socket.writeAll(Array("SSH-2.0-OpenSSH_9.2\r\n".utf8).span)
            try? socket.wait(for: .readable, timeout: .seconds(20))
        }
    }
}
