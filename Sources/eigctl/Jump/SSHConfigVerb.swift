// SPDX-License-Identifier: Apache-2.0
internal import Control
internal import LinuxIO

extension Verb {
    private static let openSSL = OptionRule("--openssl", "use openssl(1) instead of eigctl: nothing of ours is needed")

    /// `eigctl jump ssh-config`: what to paste into `~/.ssh/config`.
    static let jumpSSHConfig = Verb(
        "jump ssh-config",
        operands: "[TARGET…]",
        operandCount: 0...1000,
        summary: "write the lines for ~/.ssh/config that send ssh through the gate",
        details: [
            "For the targets named or, without any, for all of yours that have port 22. With them ssh, scp, sftp, rsync "
                + "and Ansible call a target by its name. Paths are written as they are known here.",
            "With `--openssl` they work without eigctl. After a refusal ssh says `Connection closed` at once then, and why "
                + "with `ssh -v`, among the lines before the banner.",
        ],
        options: GatePlace.options + [openSSL],
        examples: ["eigctl jump ssh-config >> ~/.ssh/config", "eigctl jump ssh-config --openssl eig-01"]
    ) { invocation throws(Failure) in
        guard !invocation.isJSON else {
            throw .usage("lines for ssh_config are not JSON", hint: "`eigctl jump targets --json` has the same facts")
        }
        let gate = try GatePlace.remote(invocation)
        let hosts = try hosts(invocation, gate)
        let config = SSHConfig(gate: gate.absolute(), hosts: hosts)
        let lines = try invocation.has(openSSL) ? config.openSSLText() : config.text(program: "eigctl")
        invocation.console.output("# Through the gate \(gate.address)\n\(lines)")
        return .ok
    }

    private static func hosts(_ invocation: Invocation, _ gate: RemoteGate) throws(Failure) -> [String] {
        guard invocation.operands.isEmpty else {
            return try invocation.operands.map { word throws(Failure) in try TargetName([word]).name }
        }
        let program = Program(try GateClient(gate, now: invocation.now, timeout: invocation.timeout))
        let targets = try program.ask("GET", "/v1/targets", for: TargetListDocument.self).targets
        let hosts = targets.filter { $0.ports.contains(22) }.map(\.id)
        guard !hosts.isEmpty else {
            let hint = "`eigctl jump targets` lists yours; name those whose ssh has another port"
            throw Failure(code: "no_target", message: "no target of yours has port 22", hint: hint)
        }
        return hosts
    }
}

extension RemoteGate {
    /// With paths that mean the same from every folder.
    func absolute() -> RemoteGate {
        let folder = FileStore.workingFolder
        func path(_ name: String) -> String { name.hasPrefix("/") ? name : "\(folder)/\(name)" }
        return RemoteGate(
            address: address,
            certificate: path(certificate),
            key: path(key),
            ca: path(ca),
            isNamed: isNamed
        )
    }
}
