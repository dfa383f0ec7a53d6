// SPDX-License-Identifier: Apache-2.0
package import Base
internal import Partners

/// The other end of one tunnel, as text for the product the partner has: what an engineer mails to the partner.
///
/// Their left is our right. Never holds a secret: where the pre-shared key belongs stands ``keyPlaceholder``.
package struct TunnelExport: Sendable {
    /// What the partner's gateway runs.
    package enum Product: String, CaseIterable, Hashable, Sendable {
        case libreswan
        /// Configured by `swanctl`.
        case strongswan
        case iosXE = "ios-xe"
        case fortigate
        case paloalto
    }

    /// Of ours, as the partner must know it.
    package struct OurCertificate: Hashable, Sendable {
        package var subject: String
        package var issuer: String

        package init(subject: String, issuer: String) {
            self.subject = subject
            self.issuer = issuer
        }
    }

    package enum Failure: Error, Hashable, Sendable, CustomStringConvertible {
        /// Nobody sets IKEv1 up anew.
        case ikev1(TunnelID)
        /// The product knows no algorithm that the tunnel allows.
        case noCommonProposal(TunnelID, Product, keyword: String)
        /// A value that the emitter would not write either.
        case value(EmissionFailure)

        package var description: String {
            switch self {
            case .ikev1(let tunnel):
                "tunnel \(tunnel) speaks IKEv1 under a waiver, and nobody should set that up anew: agree on version 2"
            case .noCommonProposal(let tunnel, let product, let keyword):
                "tunnel \(tunnel): nothing in its `\(keyword)` is known to \(product.title): "
                    + "add for example \(keyword == "ike" ? "aes256-sha2_256-dh19" : "aes256-sha2_256")"
            case .value(let failure): failure.description
            }
        }
    }

    package static let keyPlaceholder = "PRE-SHARED-KEY"

    /// One for each pair of networks, in order; all else is the same in all of them.
    let connections: [Connection]
    let backup: IPAddress?
    let certificate: OurCertificate?

    /// - Parameter connections: of one tunnel, through the primary peer; at least one.
    /// - Parameter backup: the partner's other gateway.
    /// - Parameter certificate: nothing with a pre-shared key.
    package init(connections: [Connection], backup: IPAddress? = nil, certificate: OurCertificate? = nil) {
        invariant(!connections.isEmpty, "a tunnel without networks")
        self.connections = connections
        self.backup = backup
        self.certificate = certificate
    }

    /// Ends with a newline.
    package func text(for product: Product) throws(Failure) -> String {
        for connection in connections {
            do throws(EmissionFailure) { try connection.refuseWhatMayNotBeWritten() } catch { throw .value(error) }
        }
        for name in [certificate?.subject, certificate?.issuer].compactMap({ $0 }) where !Self.isPrintable(name) {
            let why = "names us with characters that no configuration holds"
            throw .value(.value(of: tunnel.name.description, keyword: "certificate", why: why))
        }
        guard tunnel.version == .v2 else { throw .ikev1(id) }
        let body: [String]
        switch product {
        case .libreswan: body = libreswan()
        case .strongswan: body = strongSwan()
        case .iosXE: body = try iosXE()
        case .fortigate: body = fortiGate()
        case .paloalto: body = try paloAlto()
        }
        return (head(product) + body).map { $0 + "\n" }.joined()
    }

    // What all products' texts need.

    var tunnel: Connection { connections[0] }
    var id: TunnelID { tunnel.name.tunnel }
    /// The partner: the end the text is for.
    var theirs: Connection.End { tunnel.remote }
    var ours: Connection.End { tunnel.local }
    var hasCertificate: Bool { tunnel.hasCertificate }
    /// The subject of the authority that issued the partner's certificate.
    var theirAuthority: String {
        if case .certificate(_, let authority) = tunnel.authentication { authority } else { "" }
    }

    /// The groups of a rekey of the traffic's keys, in order of preference.
    var rekeyGroups: [TunnelGroup] {
        var groups: [TunnelGroup] = []
        for group in tunnel.esp[0].group.map({ [$0] }) ?? tunnel.ike.map(\.group) where !groups.contains(group) {
            groups.append(group)
        }
        return groups
    }

    private func head(_ product: Product) -> [String] {
        var paragraphs = [
            "Your end of our tunnel \(id), for \(product.title). You are \(theirs.address) and call yourself "
                + "\(theirs.id); we are \(ours.address) and call ourselves \(ours.id).",
            hasCertificate ? certificateParagraph : secretParagraph,
            "Let UDP ports 500 and 4500 and ESP (IP protocol 50) pass between the two addresses. Words in capitals with "
                + "hyphens are for you to fill in.",
        ]
        if let backup {
            paragraphs.insert(
                "Your other gateway, \(backup), gets the same text with its own address in place of \(theirs.address).",
                at: 1
            )
        }
        let lines = paragraphs.map { Self.wrapped($0, width: 98) }.joined(separator: [""])
        return lines.map { "\(product.comment)\($0.isEmpty ? "" : " ")\($0)" }
    }

    private var secretParagraph: String {
        "The pre-shared key is not in this text. We give it to you by telephone or encrypted, never in the mail this "
            + "text came with: put it in place of \(Self.keyPlaceholder)."
    }

    private var certificateParagraph: String {
        let us = certificate.map { "trust the authority \($0.issuer) and accept the subject \($0.subject)" }
        return
            "Both ends prove themselves with certificates. For ours, \(us ?? "ask us for our authority"). Yours must be "
            + "issued by the authority \(theirAuthority) and carry \(theirs.id)."
    }

    private static func isPrintable(_ text: String) -> Bool {
        text.utf8.allSatisfy { (0x20...0x7e).contains($0) && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
    }

    private static func wrapped(_ paragraph: String, width: Int) -> [String] {
        var lines = [""]
        for word in paragraph.split(separator: " ") {
            if lines[lines.count - 1].isEmpty {
                lines[lines.count - 1] = String(word)
            } else if lines[lines.count - 1].utf8.count + 1 + word.utf8.count <= width {
                lines[lines.count - 1] += " \(word)"
            } else {
                lines.append(String(word))
            }
        }
        return lines
    }
}

extension TunnelExport.Product {
    package var title: String {
        switch self {
        case .libreswan: "Libreswan 4"
        case .strongswan: "strongSwan 5.9 or later (swanctl)"
        case .iosXE: "Cisco IOS-XE 16 or later"
        case .fortigate: "FortiGate (FortiOS 7)"
        case .paloalto: "Palo Alto Networks (PAN-OS 10.1 or later)"
        }
    }

    /// What begins a line that is for people.
    var comment: String { self == .iosXE ? "!" : "#" }
}
