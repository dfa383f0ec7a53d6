// SPDX-License-Identifier: Apache-2.0
internal import Base

/// What can be told from one partner as a whole, once each key of it is right.
struct PartnerLint {
    let partner: Partner
    let report: Report

    func run() {
        TunnelLint(partner: partner, report: report).run()
        checkVia()
        checkOverlapWithin()
        checkCertificates()
    }

    private func checkVia() {
        for (index, entry) in partner.allow.enumerated() {
            guard let via = entry.via else { continue }
            guard let tunnel = partner.tunnels.first(where: { $0.name == via }) else {
                let names = partner.tunnels.map(\.name)
                let hint =
                    Spelling.nearest(to: via, among: names).map { "did you mean \(quoted($0))?" }
                    ?? (names.isEmpty ? "add a [[tunnel]] of that name" : "use one of \(names.joined(separator: ", "))")
                let message = "`via` is \(quoted(via)), but this partner has no such tunnel"
                report.add(.tunnelUnknown, at: partner.origins["allow[\(index)].via"], message, mend: hint)
                continue
            }
            for (item, prefix) in entry.from.enumerated()
            where !tunnel.remoteSubnets.contains(where: { $0.contains(prefix) }) {
                let message =
                    "\"\(prefix)\" cannot come through tunnel \(quoted(via)): it is in none of its remote subnets"
                let origin = partner.origins["allow[\(index)].from[\(item)]"]
                report.add(
                    .allowOutsideTunnel,
                    at: origin,
                    message,
                    mend: "add it to `remote-subnets`, or remove `via`"
                )
            }
        }
    }

    /// Within one partner an overlap is only untidy, unless the two entries ask for different ways in.
    private func checkOverlapWithin() {
        var claims: [PrefixClaims<Claim>.Claim] = []
        for (index, entry) in partner.allow.enumerated() {
            for (item, prefix) in entry.from.enumerated() {
                claims.append(.init(prefix: prefix, owner: Claim(entry: index, item: item)))
            }
        }
        for (outer, inner) in PrefixClaims(claims).overlaps() {
            let origin = partner.origins["allow[\(inner.owner.entry)].from[\(inner.owner.item)]"]
            let other = partner.origins["allow[\(outer.owner.entry)].from[\(outer.owner.item)]"]
            if partner.allow[outer.owner.entry].via == partner.allow[inner.owner.entry].via {
                let message = "\"\(inner.prefix)\" is already allowed by \"\(outer.prefix)\" on line \(other.line)"
                report.add(.allowRedundant, at: origin, message, mend: "keep one of them")
            } else {
                let message =
                    "\"\(inner.prefix)\" and \"\(outer.prefix)\" on line \(other.line) ask for different tunnels"
                report.add(.allowOverlap, at: origin, message, mend: "let each address come by one way only")
            }
        }
    }

    private struct Claim: Hashable {
        let entry: Int
        let item: Int
    }

    private func checkCertificates() {
        var seen: Set<CertificateRule> = []
        for (index, rule) in partner.certificates.enumerated() where !seen.insert(rule).inserted {
            let message = "this [[certificate]] is the same as one before it"
            report.add(.repeated, at: partner.origins["certificate[\(index)]"], message, mend: "keep one of them")
        }
    }
}
