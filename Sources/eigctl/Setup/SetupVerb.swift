// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Control
internal import LinuxIO
internal import Partners

/// The options of `eigctl setup` besides its questions.
enum SetupOption {
    static let answers = OptionRule("--answers", value: "FILE", "read answers from FILE, a line NAME = VALUE each")
    static let yes = OptionRule("--yes", "ask nothing: take what is given or configured, and write it")
    static let replace = OptionRule("--replace", "change files that were configured before without asking")
    static let selfSigned = OptionRule(
        "--self-signed",
        "make a certificate, too, for trying; partners will not trust it"
    )
    static let allowLockout = OptionRule("--allow-lockout", "go on although this login could not come back")
    static let templates = OptionRule(
        "--templates",
        value: "DIR",
        "where eigd.toml and jumpd.toml begin from [/usr/share/eigctl]"
    )
    static let systemd = OptionRule("--systemd", value: "DIR", "where socket units are told [/etc/systemd/system]")
    static let group = OptionRule("--group", value: "GROUP", "who may read configuration and key, besides root [eig]")

    static let all =
        SetupQuestion.allCases.map(\.option)
        + [answers, yes, replace, selfSigned, allowLockout, templates, systemd, group]

    /// Only root gives files away; whoever tries this as somebody else keeps them.
    static func owner(_ invocation: Invocation) throws(Failure) -> FileOwner? {
        let name = invocation.value(group) ?? "eig"
        guard Limits.userID == 0 else {
            guard invocation.value(group) == nil else {
                throw Failure(code: "not_root", message: "only root can give files to a group", hint: "run it as root")
            }
            return nil
        }
        guard let groupID = Accounts.groupID(named: name) else {
            let hint = "install eigd, which makes it, or name another with `--group`"
            throw Failure(code: "no_group", message: "there is no group \(name.printable)", hint: hint)
        }
        return FileOwner(userID: 0, groupID: groupID)
    }
}

extension Verb {
    /// `eigctl setup`: from a fresh installation to one that needs only its certificate and partners.
    static let setup = Verb(
        "setup",
        summary: "set this host up: addresses, networks, key and certificate request",
        details: [
            "Asks for the host names, addresses and networks of this edge and writes eigd.toml and jumpd.toml (what is "
                + "commented in them stays), for systemd the addresses of eigd's sockets and of the gate's where jumpd.toml "
                + "has one, the server's private key (ECDSA P-256) and a request for its certificate. Everything is "
                + "written or nothing is. Run again it changes only what was answered otherwise; a key that is there "
                + "is never replaced.",
            "Every answer can be given as an option or in the file of --answers; with --yes, or without a terminal, "
                + "nothing is asked: what a configured file says already is taken, and what is missing is an error "
                + "that names its option. Lists are separated by commas. With a jumpd.toml, no eigd.toml and no answer "
                + "only the gate's addresses are written.",
            "Management networks that do not hold the address this login came from over ssh are asked for again, or "
                + "refused: they are the only way in once jumpd enforces them.",
        ],
        options: SetupOption.all,
        examples: [
            "eigctl setup",
            "eigctl setup --yes --host-names edge.example.net --addresses 203.0.113.1 --inside 10.20.0.1 "
                + "--inside-networks 10.20.0.0/24 --txn 10.20.0.10 --rpt 10.20.0.11 --management 192.0.2.0/24",
            "eigctl setup --yes --answers answers.txt --self-signed",
        ]
    ) { invocation throws(Failure) in
        let templates = invocation.value(SetupOption.templates) ?? "/usr/share/eigctl"
        let files = try SetupFiles(folder: invocation.folder, templates: templates)
        let interview = try SetupInterview(invocation, files: files)
        let isGateAlone = files.hasNoGateway && interview.isSilent
        let answers = isGateAlone ? SetupAnswers() : try interview.answers()
        let setup = Setup(invocation, files: files, answers: answers)
        let plan = isGateAlone ? setup.gatePlan() : try setup.plan()
        try setup.agree(to: plan)
        try setup.carryOut(plan)
        invocation.tell(plan.document, plan.text(usesColour: invocation.console.usesColour))
        return .ok
    }
}

/// From answers to files.
private struct Setup {
    private let invocation: Invocation
    private let files: SetupFiles
    private let answers: SetupAnswers
    private let systemd: String
    private static let credentialPrefix = "credential:"

    init(_ invocation: Invocation, files: SetupFiles, answers: SetupAnswers) {
        self.invocation = invocation
        self.files = files
        self.answers = answers
        systemd = invocation.value(SetupOption.systemd) ?? "/etc/systemd/system"
    }

    /// On a host without eigd there is one thing to repeat: where its gate listens.
    func gatePlan() -> SetupPlan {
        var plan = SetupPlan(group: nil)
        plan.say(note: "there is no \(files.gatewaySource.path): nothing of eigd is set up here")
        addGate(&plan)
        sayGate(&plan)
        return plan
    }

    func plan() throws(Failure) -> SetupPlan {
        let owner = try SetupOption.owner(invocation)
        var plan = SetupPlan(group: owner)
        let texts = SetupTexts(files, answers)
        let (gateway, host) = (texts.gateway, texts.host)
        try require(GatewayFile.parse(gateway).diagnostics, HostFile.parse(host).diagnostics)
        plan.add(folder: invocation.folder, mode: 0o750, owner: owner)
        plan.add(folder: "\(invocation.folder)/identities", mode: 0o750, owner: owner)
        plan.add(files.gatewaySource, text: gateway)
        plan.add(files.hostSource, text: host)
        let identity = try identity()
        if let identity { plan.add(identity) } else { sayWhoseKey(&plan) }
        if hasSystemd {
            plan.add(.partners(answers.endpoints(.addresses)), under: systemd)
            plan.add(.inside(answers.endpoints(.inside)), under: systemd)
        }
        addGate(&plan)
        sayNext(&plan, identity)
        return plan
    }

    private var hasSystemd: Bool { (try? FileStore.status(systemd).isDirectory) == true }

    /// Nothing is asked about the gate: what the file says is repeated.
    private func addGate(_ plan: inout SetupPlan) {
        guard hasSystemd else { return }
        plan.add(.gate(files.host.access?.gate.listen ?? []), under: systemd)
    }

    private func require(_ found: [Diagnostic]...) throws(Failure) {
        let errors = found.joined().filter { $0.severity == .error }
        guard let first = errors.first else { return }
        throw Failure(
            code: "configuration_refused",
            message:
                "the answers do not go together: \(first.message) (\(first.file):\(first.line)); nothing was changed",
            hint: first.hint
        )
    }

    private func identity() throws(Failure) -> SetupIdentity? {
        let server = files.gateway.server
        // A credential of the service is made and kept elsewhere (systemd-creds(1)).
        guard !server.key.hasPrefix(Self.credentialPrefix) else { return nil }
        return try SetupIdentity(
            folder: invocation.folder,
            names: answers[.hostNames],
            keyName: server.key,
            certificateName: server.certificate,
            wantsSelfSigned: invocation.has(SetupOption.selfSigned),
            now: invocation.now
        )
    }

    /// The key is a credential of the service, and this is the only place where its administrator hears of it.
    private func sayWhoseKey(_ plan: inout SetupPlan) {
        let name = files.gateway.server.key.dropFirst(Self.credentialPrefix.count)
        plan.say(
            note: "the server's key is the credential \(name), made elsewhere with its request: whoever runs this host "
                + "provides it to eigd.service (eigd.toml(5), SYSTEMD CREDENTIALS), and its certificate at "
                + "\(invocation.folder)/identities/\(files.gateway.server.certificate)"
        )
    }

    private func sayNext(_ plan: inout SetupPlan, _ identity: SetupIdentity?) {
        if let identity, !identity.hasCertificate {
            plan.say(
                next:
                    "have \(identity.requestPath) signed, and put the chain, leaf first, at \(identity.certificatePath)"
            )
        }
        plan.say(
            next: "put a partner's file into \(invocation.folder)/partners.d, and its CA into \(invocation.folder)/ca"
        )
        plan.say(next: "eigctl check")
        if plan.changedSockets.contains(where: { $0.hasPrefix("eigd") }) {
            plan.say(next: "systemctl restart eigd.socket eigd-internal.socket eigd.service, so that it listens there")
        }
        plan.say(next: "eigctl apply")
        sayGate(&plan)
    }

    private func sayGate(_ plan: inout SetupPlan) {
        guard plan.changedSockets.contains("jumpd.socket") else { return }
        plan.say(
            next: plan.removed.isEmpty
                ? "systemctl try-restart jumpd.socket jumpd.service, so that a gate that runs listens there; "
                    + "connections through it end"
                : "systemctl disable --now jumpd.service jumpd.socket jumpd-control.socket: jumpd.toml has no gate"
        )
    }

    /// A configured file is not changed without its owner's word.
    func agree(to plan: SetupPlan) throws(Failure) {
        let console = invocation.console
        let asks = console.isInteractive && !invocation.has(SetupOption.yes) && !invocation.isJSON
        if !plan.overwritten.isEmpty, !invocation.has(SetupOption.replace), !asks {
            throw Failure(
                code: "configured",
                message: "\(plan.overwritten.joined(separator: ", ")): configured already, and would change; "
                    + "nothing was changed",
                hint: "look at it, then repeat with `--replace`"
            )
        }
        guard asks, !plan.isEmpty else { return }
        if !plan.files.isEmpty {
            console.error("\nTo be written:\n" + plan.files.map { "  \($0.path)\n" }.joined())
        }
        if !plan.removed.isEmpty { console.error("\nTo be removed:\n" + plan.removed.map { "  \($0)\n" }.joined()) }
        for path in plan.overwritten { console.error("\(path) is configured already, and changes.\n") }
        guard let answer = console.readLine("Go on? [y/N] "), ["y", "yes"].contains(answer.lowercased()) else {
            throw Failure(code: "declined", message: "nothing was changed")
        }
    }

    func carryOut(_ plan: SetupPlan) throws(Failure) {
        try plan.write()
        // Where systemd runs it should know; where it does not there is nobody to tell.
        if !plan.changedSockets.isEmpty, systemd == "/etc/systemd/system",
            (try? FileStore.status("/run/systemd/system").isDirectory) == true
        {
            _ = try? ChildProcess.run(["systemctl", "daemon-reload"], timeout: .seconds(30))
        }
    }
}
