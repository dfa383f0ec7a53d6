// SPDX-License-Identifier: Apache-2.0
internal import Control
internal import LinuxIO

extension Verb {
    /// `eigctl jump connect`: one connection, on standard input and output.
    static let jumpConnect = Verb(
        "jump connect",
        operands: "TARGET[:PORT] [PORT]",
        operandCount: 1...2,
        summary: "connect standard input and output with a target behind the gate",
        details: [
            "What is written to standard input goes to the target, what it says comes out, each to its own end. As "
                + "OpenSSH's ProxyCommand it is `eigctl jump connect %h %p`; `eigctl jump ssh-config` writes the lines. "
                + "The port may be left out where the target has one.",
            "Which gate, and who calls: see `--gate`, `--cert`, `--key` and `--ca`, or gate, certificate, key and ca in "
                + "~/.config/eig/jump.toml, or in the file that the variable EIG_JUMP names.",
            "Exit status 1 says that the gate refused, or cut the connection; why is on standard error, at once.",
        ],
        options: GatePlace.options,
        examples: [
            "eigctl jump connect eig-01:22", "eigctl jump connect txn-db",
            "eigctl jump connect --gate jump.edge.example:9443 --cert anna.pem --key anna.key --ca jump-ca.pem eig-01 22",
        ]
    ) { invocation throws(Failure) in
        guard !invocation.isJSON else { throw .usage("a connection is not JSON") }
        SignalDescriptor.ignoreBrokenPipes()
        let gate = try GatePlace.remote(invocation)
        let client = try GateClient(gate, now: invocation.now, timeout: invocation.timeout)
        let target = try TargetName(invocation.operands[...]).authority(asking: Program(client))
        let channel = try client.open(target)
        let streams = try invocation.console.takeStreams()
        var conduit = Conduit(channel, streams, isSocket: false)
        switch try conduit.run() {
        case .finished, .unread: return .ok
        case .cut: throw GateFailure.ended(gate.address, target)
        }
    }
}

extension GateClient {
    /// A connection to a target that stands.
    ///
    /// - Throws: with the gate's own words where it refuses.
    func open(_ target: String) throws(Failure) -> GateChannel {
        switch try connect(target) {
        case .open(let channel): return channel
        case .refused(let response):
            var failure = Program(self).refusal(response)
            // What a script and ssh see of a connection that did not come about, whatever the reason.
            failure.status = .error
            throw failure
        }
    }
}
