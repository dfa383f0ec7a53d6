// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Control
internal import LinuxIO
internal import Partners
internal import TLS

extension Verb {
    private static let names = OptionRule("--names", value: "NAMES", "its DNS names, by commas [those of eigd.toml]")
    private static let group = SetupOption.group

    /// `eigctl cert csr`: a key that stays here and the request that goes to the authority.
    static let certRequest = Verb(
        "cert csr",
        operands: "IDENTITY",
        operandCount: 1...1,
        summary: "make a certificate request for one of our identities, and its key where there is none",
        details: [
            "Writes identities/IDENTITY.csr, and identities/IDENTITY.key (ECDSA P-256, readable by root and one group) "
                + "unless it is there. The key is never shown or replaced. The request is for a client's certificate, "
                + "as partners ask for; for a server's when IDENTITY is the server of eigd.toml.",
            "Put the certificate the authority sends at identities/IDENTITY.pem, leaf first, and run `eigctl apply`.",
        ],
        options: [names, group],
        examples: ["eigctl cert csr payfast-out", "eigctl cert csr edge --names edge.example.net,edge2.example.net"]
    ) { invocation throws(Failure) in
        let identity = invocation.operands[0]
        guard isFileName(identity) else {
            throw .usage("`\(identity.printable)` is not a name", hint: "write letters, digits, `-`, `_` and `.`")
        }
        let gateway = (try? FileStore.read("\(invocation.folder)/eigd.toml", byteCountMax: 1 << 20))
            .flatMap { GatewayFile.parse(String(decoding: $0, as: UTF8.self)).file }
        let wanted = invocation.value(names)?.split(separator: ",").map { $0.lowercased() }
        guard let list = wanted ?? gateway?.server.names, !list.isEmpty, list.allSatisfy({ DNSName.isValid($0) }) else {
            throw .usage("`--names` must be DNS names, and eigd.toml has none to take", hint: "write `--names NAME`")
        }
        let isServer = gateway?.server.certificate == "\(identity).pem"
        let plan = try plan(invocation, identity, list, isServer ? .server : .client)
        invocation.tell(plan.document, plan.text(usesColour: invocation.console.usesColour))
        return .ok
    }

    private static func isFileName(_ text: String) -> Bool {
        (1...100).contains(text.utf8.count) && text.utf8.first != UInt8(ascii: ".")
            && text.unicodeScalars.allSatisfy {
                $0.isASCII && ($0.properties.isAlphabetic || "0123456789-_.".unicodeScalars.contains($0))
            }
    }

    private static func plan(
        _ invocation: Invocation,
        _ identity: String,
        _ names: [String],
        _ use: ServerKey.Use
    ) throws(Failure) -> SetupPlan {
        let owner = try SetupOption.owner(invocation)
        var plan = SetupPlan(group: owner)
        plan.add(folder: "\(invocation.folder)/identities", mode: 0o750, owner: owner)
        let files = try SetupIdentity(
            folder: invocation.folder,
            names: names,
            keyName: "\(identity).key",
            certificateName: "\(identity).pem",
            use: use,
            wantsSelfSigned: false,
            now: invocation.now
        )
        plan.add(files)
        plan.say(next: "have \(files.requestPath) signed, and put the chain, leaf first, at \(files.certificatePath)")
        plan.say(next: "eigctl apply")
        try plan.write()
        return plan
    }
}
