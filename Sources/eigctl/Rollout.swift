// SPDX-License-Identifier: Apache-2.0
internal import Control

/// Taking the configuration on, in the only order: checked here, agreed by both programs, then kernel, then eigd.
struct Rollout {
    /// Which of the two programs is asked.
    enum Scope: String, CaseIterable {
        case both
        case eigd
        case enforce
    }

    static let only = OptionRule("--only", value: "PROGRAM", "ask only `eigd` or only `enforce`")

    let invocation: Invocation
    let scope: Scope

    init(_ invocation: Invocation) throws(Failure) {
        self.invocation = invocation
        guard let word = invocation.value(Self.only) else {
            scope = .both
            return
        }
        guard let scope = Scope(rawValue: word), scope != .both else {
            throw .usage("`--only` is `\(word.printable)`", hint: "write `--only eigd` or `--only enforce`")
        }
        self.scope = scope
    }

    /// What each program says it would do; changes nothing.
    ///
    /// - Throws: the first refusal of a program, or that it cannot be reached.
    func plan() throws(Failure) -> [ChangesDocument.Part] {
        var parts: [ChangesDocument.Part] = []
        if scope != .eigd {
            let answer = try invocation.enforcer.ask("POST", "/v1/plan", for: ChangeDocument.self)
            parts.append(ChangesDocument.Part(invocation.enforcer, answer))
        }
        if scope != .enforce {
            let answer = try invocation.eigd.ask("POST", "/v1/reload", query: ["check": "1"], for: ChangeDocument.self)
            parts.append(ChangesDocument.Part(invocation.eigd, answer))
        }
        return parts
    }

    /// Makes the change in each program.
    ///
    /// - Throws: with exactly what stands and what to do next, when one refuses although all had agreed.
    func apply() throws(Failure) -> [ChangesDocument.Part] {
        var parts: [ChangesDocument.Part] = []
        if scope != .eigd {
            let answer: ChangeDocument
            do throws(Failure) {
                answer = try invocation.enforcer.ask("POST", "/v1/apply", for: ChangeDocument.self)
            } catch {
                throw error.explained(enforcerFailed(error))
            }
            parts.append(ChangesDocument.Part(invocation.enforcer, answer))
        }
        if scope != .enforce {
            let answer: ChangeDocument
            do throws(Failure) {
                answer = try invocation.eigd.ask("POST", "/v1/reload", for: ChangeDocument.self)
            } catch {
                throw error.explained(eigdFailed(error, enforcer: parts.first))
            }
            parts.append(ChangesDocument.Part(invocation.eigd, answer))
        }
        return parts
    }

    private func enforcerFailed(_ failure: Failure) -> String {
        let eigd = scope == .both ? "; eigd was not asked and runs as before" : ""
        return failure.isUncertain
            ? "whether kernel and tunnels changed is not known\(eigd): run `eigctl status`, then `eigctl apply` again"
            : "kernel and tunnels stand as before\(eigd)"
    }

    private func eigdFailed(_ failure: Failure, enforcer: ChangesDocument.Part?) -> String {
        let eigd = failure.isUncertain ? "whether eigd changed is not known" : "eigd runs as before"
        guard let enforcer else { return eigd }
        guard !enforcer.changes.isEmpty else { return "\(eigd); kernel and tunnels had nothing to change" }
        return "kernel and tunnels already stand by the new files (generation \(enforcer.generation)); \(eigd): "
            + "mend the cause and run `eigctl apply` again, or put the old files back and run it"
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
