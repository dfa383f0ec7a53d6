// SPDX-License-Identifier: Apache-2.0
import AuditTrail
import Base
import TLS
import TestKit

/// A log made of random events, in several files, as the writer would have made it.
struct RandomTrail {
    struct File {
        var name: String
        var lines: [[UInt8]]
    }

    static let key = Ed25519.PrivateKey(seed: [UInt8](repeating: 7, count: 32))!
    static let otherKey = Ed25519.PrivateKey(seed: [UInt8](repeating: 9, count: 32))!

    var files: [File] = []
    private(set) var chain: TrailChain
    var now = WallInstant(seconds: 1_795_305_600, nanoseconds: 1)

    init(key: Ed25519.PrivateKey = key) {
        chain = TrailChain(after: .empty, unsignedCount: 0, bootID: "7d1c", key: key)
    }

    init(after head: TrailHead, key: Ed25519.PrivateKey = key) {
        chain = TrailChain(after: head, unsignedCount: 0, bootID: "7d1c", key: key)
    }

    /// Between 5 and 250 lines in 1 to 5 files, the last of them after a checkpoint or not.
    static func make(_ random: inout SeededGenerator) -> RandomTrail {
        var trail = RandomTrail()
        let fileCount = Int.random(in: 1...5, using: &random)
        let lineCount = Int.random(in: 5...250, using: &random)
        trail.start(after: "nothing")
        while trail.chain.head.seq < lineCount {
            if trail.files.count < fileCount, Int.random(in: 0..<lineCount, using: &random) < fileCount {
                trail.rotate()
            }
            switch Int.random(in: 0..<40, using: &random) {
            case 0:
                trail.add(.system(.logStop, object: "audit log"))
                trail.checkpoint()
                trail.start(after: "stop")
            case 1: trail.checkpoint()
            default: trail.add(event(&random))
            }
        }
        return trail
    }

    static func event(_ random: inout SeededGenerator) -> AuditEvent {
        let kinds: [AuditKind] = [.sessionBegin, .sessionEnd, .grantApprove, .configApply, .logRead]
        let alphabet = Array("abc 09\"\\\u{1}\n\té😀\u{202e}{}:,")
        func text(_ random: inout SeededGenerator) -> String {
            String(
                (0..<Int.random(in: 0..<12, using: &random)).map { _ in alphabet.randomElement(using: &random) ?? " " }
            )
        }
        return AuditEvent(
            kinds.randomElement(using: &random) ?? .logRead,
            Bool.random(using: &random) ? .success : .failure,
            who: text(&random),
            how: text(&random),
            origin: text(&random),
            object: text(&random),
            details: (0..<Int.random(in: 0..<4, using: &random)).map { .init("d\($0)", text(&random)) }
        )
    }

    mutating func rotate() { files.append(File(name: name(chain.head.seq + 1), lines: [])) }

    private func name(_ seq: Int) -> String {
        let digits = String(seq)
        return "audit-\(String(repeating: "0", count: 12 - digits.count))\(digits).jsonl"
    }

    mutating func start(after: String, details: [AuditEvent.Detail] = []) {
        add(.system(.logStart, object: "audit log", details: [.init("after", after)] + details))
        checkpoint()
    }

    mutating func add(_ event: AuditEvent) {
        if chain.isCheckpointDue { checkpoint() }
        now = now + .milliseconds(10)
        put(chain.line(event, from: "test", at: now))
    }

    mutating func checkpoint() { put(chain.checkpoint(from: "test", at: now)) }

    private mutating func put(_ draft: TrailChain.Draft) {
        if files.isEmpty { rotate() }
        files[files.count - 1].lines.append(draft.bytes)
        chain.commit(draft)
    }

    /// The place of the line with a number, counted over all files.
    func place(of index: Int) -> TrailPlace {
        var rest = index
        for file in files {
            if rest < file.lines.count { return TrailPlace(file: file.name, line: rest + 1) }
            rest -= file.lines.count
        }
        fatalError("no line \(index)")
    }

    var lines: [[UInt8]] { files.flatMap(\.lines) }

    /// Changes the line at an index counted over all files: to several, one or none.
    mutating func replace(_ index: Int, by lines: [[UInt8]]) {
        var rest = index
        for file in files.indices {
            if rest < files[file].lines.count {
                files[file].lines.replaceSubrange(rest...rest, with: lines)
                return
            }
            rest -= files[file].lines.count
        }
    }

    func verify(
        keys: [Ed25519.PublicKey] = [key.publicKey],
        known: [TrailHead] = []
    ) -> TrailReport {
        var verifier = TrailVerifier(keys: keys, known: known)
        for (index, file) in files.enumerated() {
            verifier.begin(file: file.name)
            // A changed byte may be a newline.
            for line in file.lines.flatMap({ $0.split(separator: 0x0a, omittingEmptySubsequences: false) }) {
                verifier.add(Array(line))
            }
            verifier.end(unfinished: 0, isLast: index == files.count - 1)
        }
        return verifier.finish()
    }
}
