// SPDX-License-Identifier: Apache-2.0
import LinuxIO
import Testing
import eigctl

extension SetupTests {
    /// The gate of `jumpd.toml`, with the addresses given.
    func writeGate(_ addresses: String) throws {
        let text = Bench.gateFile.replacing("[\"198.51.100.10:9443\"]", with: addresses)
        #expect(text != Bench.gateFile || addresses == "[\"198.51.100.10:9443\"]")
        try bench.write(text, to: "etc/jumpd.toml")
    }

    static let gateAnswers = [
        "--host-names=edge.example.net", "--addresses=198.51.100.10", "--inside=10.20.0.1",
        "--inside-networks=10.20.0.0/16", "--txn=10.20.0.10", "--rpt=10.20.0.11", "--management-ports=22,9443",
    ]
    static let gateDropIn = "systemd/jumpd.socket.d/10-listen.conf"

    @Test("tells systemd where the gate listens, as the file says: new, unchanged, changed")
    func gate() throws {
        try writeGate("[\"198.51.100.10:9443\", \"[2001:db8::1]:9443\"]")
        let ran = setup(["--yes"] + Self.gateAnswers)
        #expect(ran.status == .ok, "\(ran.error)")
        #expect(
            try read(Self.gateDropIn) == """
                # `listen` in [gate] of jumpd.toml; run `eigctl setup --yes` again after a change there.
                [Socket]
                ListenStream=
                ListenStream=198.51.100.10:9443
                ListenStream=[2001:db8::1]:9443

                """
        )
        #expect(try FileStore.status("\(bench.path)/\(Self.gateDropIn)").mode == 0o644)
        #expect(ran.output.contains("  new       \(bench.path)/\(Self.gateDropIn)\n"))
        #expect(ran.output.contains("systemctl try-restart jumpd.socket jumpd.service"))
        let before = try tree()
        let again = setup(["--yes"])
        #expect(again.output.contains("  unchanged \(bench.path)/\(Self.gateDropIn)\n"), "\(again.error)")
        #expect(!again.output.contains("jumpd.service"))
        #expect(try tree() == before)
        try writeGate("[\"0.0.0.0:9443\"]")
        let changed = setup(["--yes"])
        #expect(changed.output.contains("  changed   \(bench.path)/\(Self.gateDropIn)\n"), "\(changed.error)")
        #expect(!changed.output.contains("eigd.service"))
        #expect(try read(Self.gateDropIn).hasSuffix("ListenStream=\nListenStream=0.0.0.0:9443\n"))
    }

    @Test("takes that away with the gate, and leaves alone what somebody else wrote there")
    func noGate() throws {
        try writeGate("[\"198.51.100.10:9443\"]")
        #expect(setup(["--yes"] + Self.gateAnswers).status == .ok)
        let gateless = Bench.gateFile.split(separator: "[gate]")[0]
        try bench.write(String(gateless), to: "etc/jumpd.toml")
        let ran = setup(["--yes"])
        #expect(ran.output.contains("  removed   \(bench.path)/\(Self.gateDropIn)\n"), "\(ran.error)")
        #expect(ran.output.contains("systemctl disable --now jumpd.service jumpd.socket jumpd-control.socket"))
        #expect(try tree()["/\(Self.gateDropIn)"] == nil)
        let again = setup(["--yes"])
        #expect(again.status == .ok && !again.output.contains("jumpd.socket"), "\(again.output)")
        try bench.write("[Socket]\nListenStream=192.0.2.1:22\n", to: Self.gateDropIn)
        let before = try tree()
        #expect(setup(["--yes"]).status == .ok)
        #expect(try tree() == before)
    }

    @Test("on a host without eigd writes where the gate listens and nothing else, unless it is answered")
    func gateAlone() throws {
        try writeGate("[\"198.51.100.10:9443\"]")
        let before = try tree("/etc")
        let ran = setup(["--yes"])
        #expect(ran.status == .ok, "\(ran.error)")
        #expect(ran.output.contains("  new       \(bench.path)/\(Self.gateDropIn)\n"))
        #expect(ran.output.contains("Note: there is no \(bench.path)/etc/eigd.toml: nothing of eigd is set up here"))
        #expect(ran.output.contains("systemctl try-restart jumpd.socket jumpd.service"))
        #expect(try tree("/etc") == before)
        #expect(try FileStore.names(in: "\(bench.path)/systemd") == ["jumpd.socket.d"])
        #expect(setup(["--yes"]).output.contains("  unchanged \(bench.path)/\(Self.gateDropIn)\n"))
        let answered = setup(["--yes", "--txn=10.20.0.10"])
        #expect(answered.status == .usage && answered.error.contains("`--host-names` is missing"), "\(answered.error)")
    }

    @Test("refuses a gate that administrators could not get to, and writes nothing")
    func closedGate() throws {
        let answers = Self.gateAnswers.filter { !$0.hasPrefix("--management-ports") }
        for (addresses, ports, says) in [
            ("[\"198.51.100.10:9443\"]", "22", "the gate is on port 9443, which [management] ports does not open"),
            ("[\"198.51.100.10:9444\"]", "22,9443", "jumpd.toml has errors, so that nothing can be set in it"),
            ("[\"jump.example:9443\"]", "22,9443", "jumpd.toml has errors, so that nothing can be set in it"),
        ] {
            try writeGate(addresses)
            let before = try tree()
            let ran = setup(["--yes", "--replace", "--management-ports=\(ports)"] + answers)
            #expect(ran.status == .error, "\(ran.output)")
            #expect(ran.error.contains(says), "\(ran.error)")
            #expect(try tree() == before)
        }
    }
}
