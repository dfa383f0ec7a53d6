// SPDX-License-Identifier: Apache-2.0

/// Where the partners are behind IPsec tunnels: that the transfer went through them.
extension Scenario {
    mutating func showTunnels() throws(CallFailure) {
        guard lab.isTunnelled else { return }
        let traffic = try lab.tunnelTraffic()
        for (partner, name) in [("payfast", "PayFast"), ("mobicash", "MobiCash")] {
            var finding = Finding("t", "\(name) ⇄ edge", "all of it inside an IPsec tunnel (ESP)")
            let counts = traffic["p_\(partner)_t1_s1"]
            finding.outcome = "ESP"
            finding.require(
                counts.flatMap { counts in
                    guard counts.inBytes > 0, counts.outBytes > 0 else { return nil }
                    return "Libreswan: \(counts.inBytes) bytes in, \(counts.outBytes) bytes out"
                },
                else: "bytes through the tunnel, both ways"
            )
            show(finding)
        }
    }
}

extension Lab {
    func tunnelTraffic() throws(CallFailure) -> [String: TunnelTraffic] {
        let socket = "\(folder)/ipsec/edge/run/pluto.ctl"
        let whack = ["/usr/libexec/ipsec/whack", "--ctlsocket", socket, "--trafficstatus"]
        return TunnelTraffic.byConnection(String(decoding: try inside("edge", whack), as: UTF8.self))
    }
}

/// Bytes one tunnel carried, as Libreswan counts them.
package struct TunnelTraffic: Hashable, Sendable {
    package var inBytes = 0
    package var outBytes = 0

    package init(inBytes: Int = 0, outBytes: Int = 0) {
        self.inBytes = inBytes
        self.outBytes = outBytes
    }

    /// Reads lines like `006 #2: "p_acme_t1_s1", type=ESP, add_time=1, inBytes=84, outBytes=84, id='@vpn'`.
    package static func byConnection(_ text: String) -> [String: TunnelTraffic] {
        var traffic: [String: TunnelTraffic] = [:]
        for line in text.split(separator: "\n") {
            let quoted = line.split(separator: "\"")
            guard quoted.count > 1 else { continue }
            // One connection may have several states while it is rekeyed.
            traffic[String(quoted[1]), default: TunnelTraffic()].inBytes += number("inBytes", in: line)
            traffic[String(quoted[1]), default: TunnelTraffic()].outBytes += number("outBytes", in: line)
        }
        return traffic
    }

    private static func number(_ name: String, in line: Substring) -> Int {
        for part in line.split(whereSeparator: { $0 == " " || $0 == "," }) where part.hasPrefix("\(name)=") {
            return Int(part.dropFirst(name.count + 1)) ?? 0
        }
        return 0
    }
}
