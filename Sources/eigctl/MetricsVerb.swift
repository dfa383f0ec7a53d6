// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Control
internal import LinuxIO
internal import Partners

extension Verb {
    private static let output = OptionRule(
        "--output",
        value: "FILE",
        "write FILE whole, in one step, readable by all, instead of standard output"
    )

    /// `eigctl metrics`: the programs' numbers, for those who cannot ask the programs themselves.
    static let metrics = Verb(
        "metrics",
        operands: "[eigd] [enforce] [tunnels] [jump] [audit]",
        operandCount: 0...5,
        summary: "write the programs' metrics in the Prometheus text format",
        details: [
            "Asks those that are named or, without an operand, all that this host has: eigd, jumpd enforce, jumpd tunnels, "
                + "jumpd gate (`jump`) and jumpd audit (`audit`). Of jumpd nothing but the gate faces the network, and that "
                + "for administrators alone, so that this is how its numbers reach a Prometheus: into a file that the "
                + "textfile collector of prometheus-node-exporter reads. The timer eig-metrics.timer does that. eigd serves its own where "
                + "[metrics] in eigd.toml says.",
            "eig_program_up is 0 for a program that does not answer; the rest is written all the same, and the exit "
                + "status is 1.",
        ],
        options: [output],
        examples: [
            "eigctl metrics", "eigctl metrics eigd",
            "eigctl metrics enforce tunnels --output /var/lib/prometheus/node-exporter/jumpd.prom",
        ]
    ) { invocation throws(Failure) in
        guard !invocation.isJSON else {
            throw .usage("metrics are not JSON", hint: "`eigctl status --json` has the same facts")
        }
        let collection = try MetricsCollection(invocation)
        if let path = invocation.value(output) {
            do throws(Errno) {
                try FileStore.replace(path, with: Array(collection.text.utf8).span, mode: 0o644)
            } catch {
                throw Failure(
                    code: "not_written",
                    message: "\(path.printable): \(error)",
                    hint: "give a file in a folder that is there and yours to write"
                )
            }
        } else {
            invocation.console.output(collection.text)
        }
        if let failure = collection.failures.first { throw failure }
        return .ok
    }
}

/// What was gathered from the programs that were asked.
struct MetricsCollection {
    private(set) var text: String
    /// Why a program did not answer, in the order asked.
    private(set) var failures: [Failure] = []

    init(_ invocation: Invocation) throws(Failure) {
        let all = [
            ("eigd", invocation.eigd), ("enforce", invocation.enforcer), ("tunnels", invocation.tunnels),
            ("jump", invocation.localGate), ("audit", invocation.audit),
        ]
        for name in invocation.operands where !all.contains(where: { $0.0 == name }) {
            throw .usage("there is no program `\(name.printable)`", hint: "say eigd, enforce, tunnels, jump or audit")
        }
        let programs = all.filter { invocation.operands.isEmpty || invocation.operands.contains($0.0) }
        var pages = ""
        var up = MetricsPage()
        var samples: [MetricsPage.Sample] = []
        let host = LocalCheck.hostFile(invocation.folder)
        let expected = ["eigd": true, "enforce": true, "jump": host?.access != nil, "audit": host?.audit != nil]
        for (name, program) in programs {
            let isOptional = programs.count > 1 && expected[name] != true
            if isOptional, Self.isAtRest(program) { continue }
            do throws(Failure) {
                pages += try program.text("/v1/metrics")
                if name == "tunnels" { pages += Self.certificates(invocation) }
                samples.append(([("program", name)], 1))
            } catch {
                // A host without tunnels, or without a gate, has no such program.
                if isOptional, error.code == "no_socket" { continue }
                failures.append(error)
                samples.append(([("program", name)], 0))
            }
        }
        up.gauge("eig_program_up", "Whether a program answered eigctl.", samples)
        text = up.text + pages
    }

    /// A host without tunnels, or without a gate, has the unit and never starts it; to ask would.
    private static func isAtRest(_ program: Program) -> Bool {
        program.isStandard && ServiceUnits.ask(["\(program.unit).service"]).first?.state == "inactive"
    }

    /// The ends of tunnels' certificates, from the files: jumpd parses none.
    private static func certificates(_ invocation: Invocation) -> String {
        var page = MetricsPage()
        page.gauge(
            "eig_tunnel_certificate_expiry_timestamp_seconds",
            "When a tunnel's certificate ends, since 1970.",
            CertificateSurvey(folder: invocation.folder, now: invocation.now).endsOfTunnels.map { end in
                let labels = [("use", end.use), ("partner", end.partner), ("file", end.file), ("serial", end.serial)]
                return (labels, Double(end.seconds))
            }
        )
        return page.text
    }
}
