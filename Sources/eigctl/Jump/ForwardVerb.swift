// SPDX-License-Identifier: Apache-2.0
internal import Control
internal import LinuxIO

extension Verb {
    private static let socket = OptionRule("--socket", value: "PATH", "the Unix socket to listen on, mode 0600")

    /// `eigctl jump forward`: a target as if it were on this machine.
    static let jumpForward = Verb(
        "jump forward",
        operands: "TARGET[:PORT] [:LOCALPORT]",
        operandCount: 1...2,
        summary: "listen here and carry each connection to a target behind the gate",
        details: [
            "Listens on a Unix socket that only you can use, "
                + "$XDG_RUNTIME_DIR/eig/TARGET-PORT.sock unless `--socket` names another, or with :LOCALPORT on that port of "
                + "127.0.0.1, which every user of this machine can reach; :0 takes a free one. What it listens on is "
                + "written once. Each connection is a session of its own, 64 at a time. Ctrl-C ends it.",
            "Why a connection was refused or cut is on standard error; whoever connected sees it closed.",
        ],
        options: GatePlace.options + [socket],
        examples: [
            "eigctl jump forward rpt-01:443", "eigctl jump forward rpt-01:443 :8443",
            "eigctl jump forward txn-db --socket /run/user/1000/.s.PGSQL.5432",
        ]
    ) { invocation throws(Failure) in
        SignalDescriptor.ignoreBrokenPipes()
        let gate = try GatePlace.remote(invocation)
        let client = try GateClient(gate, now: invocation.now, timeout: invocation.timeout)
        let name = try TargetName(invocation.operands.prefix(1))
        let program = Program(client)
        let targets = try program.ask("GET", "/v1/targets", for: TargetListDocument.self).targets
        let target = try TargetName.find(name.name, in: targets)
        let authority = try name.authority(among: target)
        guard target.isAllowed else {
            throw Failure(
                .refused,
                code: "no_grant",
                message: "no grant of yours gives \(authority) now",
                hint: "ask for one: `eigctl grant request \(authority) --for 1h --reason TEXT --ticket TICKET`"
            )
        }
        let signals: SignalDescriptor
        do throws(Errno) {
            // Until here Ctrl-C ends us as it ends anything; any thread of ours inherits what is blocked.
            signals = try SignalDescriptor([.interrupt, .terminate, .hangUp])
        } catch {
            throw Failure(code: "no_signals", message: "\(error)")
        }
        let door = try door(invocation, authority)
        invocation.tell(ForwardDocument(target: authority, listen: door.name), "\(door.name.printable)\n")
        let console = invocation.console
        let forwarder = Forwarder(client, target: authority) { failure in
            console.error(FailureText(usesColour: console.usesColourInErrors).text(failure))
        }
        defer { door.remove() }
        try forwarder.run(door, until: signals.descriptor)
        return .ok
    }

    private static func door(_ invocation: Invocation, _ authority: String) throws(Failure) -> LocalDoor {
        let path = invocation.value(socket)
        guard let text = invocation.operands.dropFirst().first else {
            if let path { return try LocalDoor.socket(path) }
            let parts = authority.split(separator: ":").map(String.init)
            return try LocalDoor.socket(
                try LocalDoor.standardPath(parts[0], parts[1], invocation.console.environment)
            )
        }
        guard path == nil else { throw .usage("a port and `--socket`", hint: "give one of the two") }
        guard text.hasPrefix(":"), let port = UInt16(text.dropFirst()) else {
            throw .usage("`\(text.printable)` is no local port", hint: "write it with its colon, such as `:8443`")
        }
        return try LocalDoor.port(port)
    }
}

/// What `eigctl jump forward --json` writes once it listens.
package struct ForwardDocument: ControlDocument {
    package var schema = controlSchema
    package var ok = true
    package var target: String
    /// A socket's path, or an address and port.
    package var listen: String

    package init(target: String, listen: String) {
        self.target = target
        self.listen = listen
    }
}
