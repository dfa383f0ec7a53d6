// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Control
internal import IPsecConfig

/// What `eigctl tunnel export` writes for `--json`.
package struct TunnelExportDocument: ControlDocument {
    package struct Item: Codable, Hashable, Sendable {
        package var partner: String
        package var tunnel: String
        package var text: String
    }

    package var schema = controlSchema
    package var ok = true
    /// As `--for` has it.
    package var product: String
    /// In the order of the partner file.
    package var tunnels: [Item]
}

extension Verb {
    private static let tunnel = OptionRule("--tunnel", value: "NAME", "only this tunnel of the partner")
    private static let product = OptionRule(
        "--for",
        value: "PRODUCT",
        "what the partner's gateway runs: \(TunnelExport.Product.allCases.map(\.rawValue).joined(separator: ", "))"
    )

    /// `eigctl tunnel export`: the partner's end as text.
    static let tunnelExport = Verb(
        "tunnel export",
        operands: "PARTNER",
        operandCount: 1...1,
        summary: "write the partner's end of its tunnels as configuration for its product",
        details: [
            "Reads the partner file and jumpd.toml, asks no program, and writes text an engineer can mail to the "
                + "partner: both addresses and identities, the networks, the proposals and lifetimes, seen from the "
                + "partner's side. The pre-shared key is never part of it; the text says how it is exchanged. With "
                + "certificates it says which authority to trust and which subject to accept.",
            "The texts for libreswan and strongswan are tried with the programs themselves; those for ios-xe, fortigate "
                + "and paloalto have not been tried on such devices: a partner should read them before use.",
        ],
        options: [product, tunnel],
        examples: [
            "eigctl tunnel export payfast --for strongswan > payfast-swanctl.conf",
            "eigctl tunnel export payfast --tunnel t1 --for fortigate",
        ]
    ) { invocation throws(Failure) in
        let words = TunnelExport.Product.allCases.map { "`\($0.rawValue)`" }.joined(separator: ", ")
        guard let word = invocation.value(product) else {
            throw .usage("`--for` is missing", hint: "say what the partner's gateway runs: \(words)")
        }
        guard let product = TunnelExport.Product(rawValue: word) else {
            throw .usage("`--for` is `\(word.printable)`", hint: "write one of \(words)")
        }
        let reader = TunnelExportReader(folder: invocation.folder)
        let found = try reader.exports(of: invocation.operands[0], tunnel: invocation.value(tunnel))
        var items: [TunnelExportDocument.Item] = []
        for (id, export) in found {
            do throws(TunnelExport.Failure) {
                let text = try export.text(for: product)
                items.append(.init(partner: id.partner.rawValue, tunnel: id.name, text: text))
            } catch {
                throw Failure(code: "no_export", message: "\(error)")
            }
        }
        let text = items.map(\.text).joined(separator: "\n")
        invocation.tell(TunnelExportDocument(product: product.rawValue, tunnels: items), text)
        return .ok
    }
}
