// SPDX-License-Identifier: Apache-2.0
package import Control
internal import Partners

/// What `eigctl status` writes for `--json`: what each program said, or why it could not be asked.
package struct OverviewDocument: ControlDocument {
    package var schema = controlSchema
    package var ok: Bool
    package var eigd: StatusDocument?
    package var eigdError: ErrorDocument.Failure?
    package var enforce: EnforceStatusDocument?
    package var enforceError: ErrorDocument.Failure?

    static func gather(_ invocation: Invocation) -> OverviewDocument {
        var overview = OverviewDocument(ok: true)
        do throws(Failure) {
            overview.eigd = try invocation.eigd.ask("GET", "/v1/status", for: StatusDocument.self)
        } catch {
            overview.eigdError = error.document.error
        }
        do throws(Failure) {
            overview.enforce = try invocation.enforcer.ask("GET", "/v1/status", for: EnforceStatusDocument.self)
        } catch {
            overview.enforceError = error.document.error
        }
        overview.ok = overview.eigd != nil && overview.enforce != nil
        return overview
    }

    /// Every partner either program knows, by id.
    var partnerIDs: [String] {
        Set((eigd?.partners.map(\.id) ?? []) + (enforce?.partners.map(\.id) ?? [])).sorted()
    }

    /// Leaves only what concerns one partner.
    mutating func narrow(to id: String) {
        eigd?.partners.removeAll { $0.id != id }
        eigd?.certificates.removeAll { $0.partner != id }
        eigd?.relay?.endpoints.removeAll { $0.kind != "partner" || $0.name != id }
        enforce?.partners.removeAll { $0.id != id }
        enforce?.tunnels.removeAll { $0.partner != id }
    }

    var exitCode: ExitCode {
        guard ok else { return .error }
        return enforce?.drift.isEmpty ?? true ? .ok : .pending
    }
}

extension Verb {
    /// `eigctl status`: one screen.
    static let status = Verb(
        "status",
        operands: "[PARTNER]",
        operandCount: 0...1,
        summary: "show what runs: programs, partners, backends, relay, certificates",
        details: [
            "Asks eigd and jumpd enforce and shows one screen; with PARTNER, everything about that partner: "
                + "counters, refusals by reason, allow-list entries with their hits, tunnels, certificates. "
                + "Times are UTC.",
            "Exit status 1 says that a program could not be asked (the other is shown), 2 that the kernel "
                + "differs from what was applied.",
        ],
        examples: ["eigctl status", "eigctl status payfast", "eigctl status --json"]
    ) { invocation throws(Failure) in
        var overview = OverviewDocument.gather(invocation)
        guard let id = invocation.operands.first else {
            invocation.tell(overview, StatusScreen(overview, usesColour: invocation.console.usesColour).text)
            return overview.exitCode
        }
        let known = overview.partnerIDs
        guard known.contains(id) else {
            guard overview.eigd != nil || overview.enforce != nil else {
                let reason = overview.eigdError?.message ?? "eigd: no answer"
                throw Failure(code: "unreachable", message: reason, hint: overview.eigdError?.hint)
            }
            let nearest = Spelling.nearest(to: id, among: known).map { "did you mean \($0)?" }
            let hint = nearest ?? "`eigctl status` lists the partners that run"
            throw Failure(code: "no_such_partner", message: "there is no partner \(id.printable)", hint: hint)
        }
        overview.narrow(to: id)
        let screen = PartnerScreen(overview, id: id, usesColour: invocation.console.usesColour)
        invocation.tell(overview, screen.text)
        return overview.exitCode
    }
}
