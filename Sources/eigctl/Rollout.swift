// SPDX-License-Identifier: Apache-2.0
internal import Control
internal import LinuxIO

/// Taking the configuration on, in the only order: checked here, agreed by all programs, then new and changed tunnels,
/// the kernel, eigd, the gate, and last the tunnels that go.
///
/// So nothing leaves in clear text: the kernel admits a partner's network only once its tunnel stands, and has shut it
/// out when the tunnel goes.
struct Rollout {
    /// Which of the programs are asked.
    enum Scope: String, CaseIterable {
        case all
        case eigd
        case enforce
        case tunnels
        case gate
    }

    static let only = OptionRule("--only", value: "PROGRAM", "ask only `eigd`, `enforce`, `tunnels` or `gate`")

    let invocation: Invocation
    let scope: Scope
    /// Whether this host has tunnels, or had some.
    private var hasTunnels = false
    /// Whether the files describe a gate, and one can be asked.
    private var hasGate = false

    /// What the folder says, found sound, and who is asked because of it.
    static func begin(_ invocation: Invocation) throws(Failure) -> (rollout: Rollout, found: LocalCheck) {
        var rollout = try Rollout(invocation)
        let found = try LocalCheck.folder(invocation.folder, now: invocation.now)
        try found.require(invocation)
        rollout.asksTunnels(where: found.hasTunnels)
        rollout.asksGate(where: found.hasGate)
        return (rollout, found)
    }

    private init(_ invocation: Invocation) throws(Failure) {
        self.invocation = invocation
        guard let word = invocation.value(Self.only) else {
            scope = .all
            return
        }
        guard let scope = Scope(rawValue: word), scope != .all else {
            throw .usage(
                "`--only` is `\(word.printable)`",
                hint: "write `--only eigd`, `--only enforce`, `--only tunnels` or `--only gate`"
            )
        }
        self.scope = scope
    }

    /// Says whether a partner has a tunnel: else `jumpd tunnels` is asked only where it has written files once.
    ///
    /// Asking starts it, and a host without tunnels has no use for it.
    private mutating func asksTunnels(where isConfigured: Bool) {
        hasTunnels = isConfigured || hadTunnels
    }

    /// Says whether the files describe a gate: it is asked where its socket is, which its unit makes.
    private mutating func asksGate(where isConfigured: Bool) {
        hasGate = isConfigured && invocation.localGate.hasSocket
    }

    private var hadTunnels: Bool {
        // Another socket than the unit's is that of a program which somebody started.
        guard invocation.tunnels.isStandard else { return invocation.tunnels.hasSocket }
        let names = (try? FileStore.names(in: "/etc/ipsec.d")) ?? []
        return names.contains { $0 == "eig.conf" || $0.hasPrefix("eig-") }
    }

    private var asksTunnels: Bool { scope == .tunnels || scope == .all && hasTunnels }
    private var asksEnforcer: Bool { scope == .all || scope == .enforce }
    private var asksEigd: Bool { scope == .all || scope == .eigd }
    private var asksGate: Bool { scope == .gate || scope == .all && hasGate }

    /// What each program says it would do; changes nothing.
    ///
    /// - Throws: the first refusal of a program, or that it cannot be reached.
    func plan() throws(Failure) -> [ChangesDocument.Part] {
        var parts: [ChangesDocument.Part] = []
        if asksTunnels {
            let answer = try invocation.tunnels.ask("POST", "/v1/plan", for: ChangeDocument.self)
            parts.append(ChangesDocument.Part(invocation.tunnels, answer))
        }
        if asksEnforcer {
            let answer = try invocation.enforcer.ask("POST", "/v1/plan", for: ChangeDocument.self)
            parts.append(ChangesDocument.Part(invocation.enforcer, answer))
        }
        if asksEigd {
            let answer = try invocation.eigd.ask("POST", "/v1/reload", query: ["check": "1"], for: ChangeDocument.self)
            parts.append(ChangesDocument.Part(invocation.eigd, answer))
        }
        if asksGate {
            let gate = invocation.localGate
            let answer = try gate.ask("POST", "/v1/reload", query: ["check": "1"], for: ChangeDocument.self)
            parts.append(ChangesDocument.Part(gate, answer))
        }
        return parts
    }

    /// Makes the change in each program.
    ///
    /// - Throws: with exactly what stands and what to do next, when one refuses although all had agreed.
    func apply() throws(Failure) -> [ChangesDocument.Part] {
        var parts: [ChangesDocument.Part] = []
        if asksTunnels {
            let phase = scope == .all ? "additions" : "all"
            parts.append(try step(invocation.tunnels, "/v1/apply", ["phase": phase], after: parts))
        }
        if asksEnforcer { parts.append(try step(invocation.enforcer, "/v1/apply", after: parts)) }
        if asksEigd { parts.append(try step(invocation.eigd, "/v1/reload", after: parts)) }
        if asksGate { parts.append(try step(invocation.localGate, "/v1/reload", after: parts)) }
        if asksTunnels, scope == .all {
            let removed = try step(invocation.tunnels, "/v1/apply", ["phase": "removals"], after: parts)
            parts[0].generation = removed.generation
            parts[0].changes += removed.changes
        }
        return parts
    }

    private func step(
        _ program: Program,
        _ target: String,
        _ query: [String: String] = [:],
        after parts: [ChangesDocument.Part]
    ) throws(Failure) -> ChangesDocument.Part {
        do throws(Failure) {
            return ChangesDocument.Part(
                program,
                try program.ask("POST", target, query: query, for: ChangeDocument.self)
            )
        } catch {
            throw error.explained(whatStands(error, program, after: parts))
        }
    }

    /// What became of each program when one failed, in the order they were asked.
    private func whatStands(_ failure: Failure, _ program: Program, after parts: [ChangesDocument.Part]) -> String {
        let asked = [
            (invocation.tunnels, asksTunnels), (invocation.enforcer, asksEnforcer), (invocation.eigd, asksEigd),
            (invocation.localGate, asksGate),
        ].filter(\.1).map(\.0.name)
        let changed = parts.filter { !$0.changes.isEmpty }
        var words = changed.map { "\($0.program) stands by the new files (generation \($0.generation))" }
        let idle = parts.filter(\.changes.isEmpty).map(\.program)
        if !idle.isEmpty { words.append("\(idle.joined(separator: " and ")) had nothing to change") }
        let isSecond = parts.contains { $0.program == program.name }
        if failure.isUncertain {
            words.append("whether \(program.name) changed is not known")
        } else if failure.code == "partly_applied" {
            words.append("\(program.name) changed in part")
        } else {
            words.append("\(program.name) \(isSecond ? "keeps what was to go" : "is as before")")
        }
        let notAsked = asked.drop { $0 != program.name }.dropFirst()
        if !isSecond, !notAsked.isEmpty {
            words.append("\(notAsked.joined(separator: " and ")) \(notAsked.count == 1 ? "was" : "were") not asked")
        }
        if failure.isUncertain {
            words.append("run `eigctl status`, then `eigctl apply` again")
        } else if !changed.isEmpty {
            words.append("mend the cause and run `eigctl apply` again, or put the old files back and run it")
        }
        return words.joined(separator: "; ")
    }
}

extension Failure {
    /// Whether the program may have done what it was asked although its answer is missing.
    fileprivate var isUncertain: Bool {
        ["timed_out", "connection_lost", "malformed_answer", "unexpected_answer"].contains(code)
    }

    /// The failure with what stands behind its hint, unless its message says so already.
    func explained(_ whatStands: String) -> Failure {
        guard !message.contains(whatStands) else { return self }
        var failure = self
        failure.hint = [hint, whatStands].compactMap { $0 }.joined(separator: "; ")
        return failure
    }
}
