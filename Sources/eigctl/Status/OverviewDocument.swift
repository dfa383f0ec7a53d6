// SPDX-License-Identifier: Apache-2.0
internal import Base
package import Control
internal import LinuxIO
internal import Partners

/// What `eigctl status` writes for `--json`: the verdict, and what each program said or why it could not be asked.
package struct OverviewDocument: ControlDocument {
    package var schema = controlSchema
    /// Whether every program of this host answered.
    package var ok: Bool
    /// Nothing for a single partner.
    package var verdict: Verdict?
    package var eigd: StatusDocument?
    package var eigdError: ErrorDocument.Failure?
    package var enforce: EnforceStatusDocument?
    package var enforceError: ErrorDocument.Failure?
    /// Those of the two programs that are not installed on this host, by name; nothing is expected of them.
    package var absent: [String] = []
    /// Nothing on a host without tunnels.
    package var tunnels: TunnelsStatusDocument?
    package var tunnelsError: ErrorDocument.Failure?
    /// Those tunnels prove who they are with, from the files: jumpd parses none.
    package var tunnelCertificates: [CertificateStatus] = []
    /// Nothing on a host without a gate.
    package var gate: GateStatusDocument?
    package var gateError: ErrorDocument.Failure?
    /// Nothing on a host without an audit log.
    package var audit: AuditStatusDocument?
    package var auditError: ErrorDocument.Failure?
    /// Our units; empty where systemd does not run.
    package var units: [UnitStatus] = []
    package var disk: DiskStatus?
    /// From the files, where eigd could not be asked for those that run.
    package var certificates: [CertificateStatus]?

    /// All certificates that are known, from the programs or, where eigd could not be asked, from the files.
    var allCertificates: [CertificateStatus] {
        (certificates ?? ((eigd?.certificates ?? []) + tunnelCertificates)) + (gate?.certificates ?? [])
    }

    static func gather(_ invocation: Invocation, now: WallInstant) -> OverviewDocument {
        var overview = OverviewDocument(ok: true)
        overview.units = ServiceUnits.ask(ServiceUnits.all)
        do throws(Failure) {
            try overview.requireStarted(invocation.eigd)
            overview.eigd = try invocation.eigd.ask("GET", "/v1/status", for: StatusDocument.self)
        } catch {
            if isAbsent(invocation.eigd, beside: invocation.enforcer, units: overview.units, error) {
                overview.absent.append(invocation.eigd.name)
            } else {
                overview.eigdError = error.document.error
                overview.certificates = CertificateSurvey(folder: invocation.folder, now: now).document.certificates
            }
        }
        do throws(Failure) {
            try overview.requireStarted(invocation.enforcer)
            overview.enforce = try invocation.enforcer.ask("GET", "/v1/status", for: EnforceStatusDocument.self)
        } catch {
            if isAbsent(invocation.enforcer, beside: invocation.eigd, units: overview.units, error) {
                overview.absent.append(invocation.enforcer.name)
            } else {
                overview.enforceError = error.document.error
            }
        }
        // The store is eigd's.
        if !overview.absent.contains(invocation.eigd.name) {
            overview.disk = DiskStatus(StoreSource(invocation).path)
        }
        overview.askTunnels(invocation)
        overview.askGate(invocation)
        let errors = [
            overview.eigdError, overview.enforceError, overview.tunnelsError, overview.gateError, overview.auditError,
        ]
        overview.ok = errors.allSatisfy { $0 == nil }
        overview.verdict = Verdict(overview, now: now)
        return overview
    }

    /// Whether a program that could not be asked is none of this host's: systemd has a unit of the other one and none of
    /// this one, and nobody listens where it would be asked.
    ///
    /// One that is installed, stopped or masked, is expected to run. So is each where systemd does not run, and one whose
    /// socket was named on the command line.
    static func isAbsent(_ program: Program, beside other: Program, units: [UnitStatus], _ why: Failure) -> Bool {
        let hasUnit = { (program: Program) in units.contains { $0.name == "\(program.unit).service" } }
        return program.isStandard && hasUnit(other) && !hasUnit(program)
            && ["no_socket", "nobody_listens"].contains(why.code)
    }

    /// A host without tunnels has nobody to ask, and nothing is wrong with it.
    private mutating func askTunnels(_ invocation: Invocation) {
        do throws(Failure) {
            try requireStarted(invocation.tunnels)
            let answer = try invocation.tunnels.ask("GET", "/v1/status", for: TunnelsStatusDocument.self)
            tunnels = answer
            guard !answer.tunnels.isEmpty else { return }
            tunnelCertificates = CertificateSurvey(folder: invocation.folder, now: invocation.now).tunnels
        } catch {
            let isNeeded = enforce?.partners.contains { $0.entries.contains { $0.via != nil } } ?? false
            let isAbsent = ["no_socket", "nobody_listens", "not_running"].contains(error.code)
            if isNeeded || !isAbsent { tunnelsError = error.document.error }
        }
    }

    /// A host whose jumpd.toml has no gate and no audit log has nobody to ask, and nothing is wrong with it.
    private mutating func askGate(_ invocation: Invocation) {
        let host = LocalCheck.hostFile(invocation.folder)
        let isAbsent = { (error: Failure) in ["no_socket", "nobody_listens", "not_running"].contains(error.code) }
        do throws(Failure) {
            try requireStarted(invocation.localGate)
            gate = try invocation.localGate.ask("GET", "/v1/status", for: GateStatusDocument.self)
        } catch {
            if host?.access != nil || !isAbsent(error) { gateError = error.document.error }
        }
        do throws(Failure) {
            try requireStarted(invocation.audit)
            audit = try invocation.audit.ask("GET", "/v1/status", for: AuditStatusDocument.self)
        } catch {
            if host?.audit != nil || !isAbsent(error) { auditError = error.document.error }
        }
    }

    /// A program whose socket systemd holds would be started by asking it: looking must not do that.
    private func requireStarted(_ program: Program) throws(Failure) {
        guard program.isStandard, let unit = units.first(where: { $0.name == "\(program.unit).service" }),
            !unit.isActive
        else { return }
        let since = unit.since.map { " since \($0)" } ?? ""
        throw Failure(
            code: "not_running",
            message: "\(program.name): \(unit.name) is \(unit.state)\(since)",
            hint: "`systemctl status \(program.unit)` and `journalctl -u \(program.unit)` say why"
        )
    }

    /// Every partner one of the programs knows, by id.
    var partnerIDs: [String] {
        let eigd = eigd?.partners.map(\.id) ?? []
        let enforce = enforce?.partners.map(\.id) ?? []
        return Set(eigd + enforce + (tunnels?.tunnels.map(\.partner) ?? [])).sorted()
    }

    /// Leaves only what concerns one partner.
    mutating func narrow(to id: String) {
        verdict = nil
        units = []
        disk = nil
        gate = nil
        audit = nil
        certificates = certificates?.filter { $0.partner == id }
        eigd?.partners.removeAll { $0.id != id }
        eigd?.certificates.removeAll { $0.partner != id }
        eigd?.relay?.endpoints.removeAll { $0.kind != "partner" || $0.name != id }
        enforce?.partners.removeAll { $0.id != id }
        tunnels?.tunnels.removeAll { $0.partner != id }
        tunnelCertificates.removeAll { $0.partner != id }
    }

    var exitCode: ExitCode {
        if let verdict {
            switch verdict.state {
            case .healthy: return .ok
            case .attention: return .pending
            case .failing: return .error
            }
        }
        guard ok else { return .error }
        return enforce?.drift.isEmpty ?? true ? .ok : .pending
    }
}

/// The volume the callback store is on.
package struct DiskStatus: Codable, Hashable, Sendable {
    /// The store's file.
    package var path: String
    package var freeBytes: Int
    package var totalBytes: Int

    package init(path: String, freeBytes: Int, totalBytes: Int) {
        self.path = path
        self.freeBytes = freeBytes
        self.totalBytes = totalBytes
    }

    /// Nothing where the store's folder is not there, or may not be looked into.
    init?(_ path: String) {
        guard let volume = try? FileStore.volume(of: FileStore.folder(of: path)) else { return nil }
        self.init(path: path, freeBytes: volume.freeBytes, totalBytes: volume.totalBytes)
    }
}
