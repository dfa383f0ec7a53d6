// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import LinuxIO
internal import TLS

/// The verbs that run one simulator until it is killed.
enum RoleCommand {
    static let verbs = ["txn", "rpt", "send-partner", "receive-partner"]

    /// - Returns: only when it could not start; the exit status.
    static func run(_ verb: String, _ arguments: some Sequence<String>) throws(UsageError) -> Int {
        var arguments = try Arguments(arguments)
        let log = EventLog(role: verb, output: .output)
        let endpoints = try arguments.all("--listen") { IPEndpoint($0) }
        guard !endpoints.isEmpty else { throw UsageError("--listen is missing") }
        let faults = FaultPlan(try arguments.all("--fault") { Fault($0) })
        let role = try role(verb, &arguments, log)
        let control = try arguments.one("--control")
        let identity = Identity(
            anchors: try arguments.one("--client-ca"),
            certificate: try arguments.one("--certificate"),
            key: try arguments.one("--key")
        )
        try arguments.end()
        return serve(role, endpoints, identity, control, faults, log)
    }

    private static func serve(
        _ role: any Role,
        _ endpoints: [IPEndpoint],
        _ identity: Identity,
        _ control: String?,
        _ faults: FaultPlan,
        _ log: EventLog
    ) -> Int {
        do {
            let context = identity.certificate == nil ? nil : try identity.serverContext()
            for endpoint in endpoints {
                try open(.tcp(endpoint, context), "\(endpoint)", role, faults, log)
            }
            if let control {
                try open(.unix(path: control), control, ControlDoor(role, faults: faults), FaultPlan(), log)
            }
        } catch {
            StandardStream.error.write("eig-sandbox: \(error)\n")
            return 1
        }
        log.write(.ready) { $0.detail = endpoints.map(\.description).joined(separator: " ") }
        // The threads do the rest; whoever started this program ends it.
        while true { Clock.sleep(.seconds(3600)) }
    }

    private static func open(
        _ door: Server.Door,
        _ name: String,
        _ role: any Role,
        _ faults: FaultPlan,
        _ log: EventLog
    ) throws(CallFailure) {
        do {
            if case .unix(let path) = door { removeAbandoned(path) }
            _ = try Server.start(door, role: role, faults: faults, log: log)
        } catch {
            throw .setup("\(name): \(error)")
        }
    }

    /// A socket file that nobody answers on is a leftover of one that was killed.
    private static func removeAbandoned(_ path: String) {
        do {
            _ = try UnixSockets.connect(path)
        } catch {
            // Where it cannot be removed, listening says why.
            if error == .connectionRefused { try? FileStore.remove(path) }
        }
    }

    private static func role(
        _ verb: String,
        _ arguments: inout Arguments,
        _ log: EventLog
    ) throws(UsageError) -> any Role {
        switch verb {
        case "txn":
            var settings = TransactionBackend.Settings(
                edge: try arguments.required("--edge", Location.init),
                reports: try arguments.one("--reports", Location.init),
                receiver: try arguments.required("--receiver")
            )
            if let pause = try arguments.one("--pause", { Duration($0) }) { settings.pause = pause }
            return TransactionBackend(settings, log: log)
        case "rpt": return ReportBackend()
        case "send-partner": return SendPartner()
        default:
            var callback = Call("POST", try arguments.required("--callback", Location.init))
            callback.identity = Identity(
                anchors: try arguments.one("--ca"),
                certificate: try arguments.one("--client-certificate"),
                key: try arguments.one("--client-key")
            )
            callback.fields = try credential(&arguments)
            var settings = ReceivePartner.Settings(callback: callback)
            if let pause = try arguments.one("--pause", { Duration($0) }) { settings.pause = pause }
            return ReceivePartner(settings, log: log)
        }
    }

    /// `--login USER:PASSWORD` as TerraPay wants it: the password's SHA-256 in hex.
    static func credential(_ arguments: inout Arguments) throws(UsageError) -> [HeaderField] {
        guard let login = try arguments.one("--login") else { return [] }
        guard let colon = login.firstIndex(of: ":") else { throw UsageError("--login: USER:PASSWORD") }
        let digest = Digest.sha256(Array(login[login.index(after: colon)...].utf8).span)
        return [
            HeaderField("X-USERNAME", String(login[..<colon])),
            HeaderField("X-PASSWORD", Hex.encode(digest)),
        ]
    }
}
