// SPDX-License-Identifier: Apache-2.0
internal import Base

/// `eigd.toml` and `jumpd.toml` must tell the same story about listeners and inside networks.
struct HostAgreement {
    let gateway: GatewayFile
    let host: HostFile
    /// Of `eigd.toml`, where disagreements are told.
    let report: Report?

    func run() {
        checkListeners(gateway.listen.partners, "listen.partners", ports: host.partnerPorts, "[partners] ports")
        checkListeners(gateway.listen.internal, "listen.internal", ports: host.internal.ports, "[internal] ports")
        checkUnused()
        checkNetworks()
        checkMetrics()
    }

    private func checkListeners(_ endpoints: [IPEndpoint], _ path: String, ports: [UInt16], _ key: String) {
        for (index, endpoint) in endpoints.enumerated() where !ports.contains(endpoint.port) {
            let place = host.origins[key == "[partners] ports" ? "partners.ports" : "internal.ports"]
            let message = "eigd listens on port \(endpoint.port), which \(key) does not open (\(place))"
            let origin = gateway.origins["\(path)[\(index)]"]
            report?.add(.portDisagrees, at: origin, message, mend: "add \(endpoint.port) there, or mend it here")
        }
    }

    private func checkUnused() {
        for port in host.partnerPorts where !gateway.listen.partners.contains(where: { $0.port == port }) {
            let message = "jumpd.toml opens port \(port) to partners, but eigd does not listen on it"
            report?.add(
                .portDisagrees,
                at: gateway.origins["listen.partners"],
                message,
                mend: "use the same ports in both files"
            )
        }
    }

    private func checkNetworks() {
        for (index, prefix) in gateway.internalFrom.enumerated()
        where !host.internal.from.contains(where: { $0.contains(prefix) }) {
            let place = host.origins["internal.from"]
            let message = "\"\(prefix)\" may use the inside listeners, but the kernel does not let it in (\(place))"
            report?.add(
                .networkDisagrees,
                at: gateway.origins["internal.from[\(index)]"],
                message,
                mend: "list it in both files"
            )
        }
    }

    /// The kernel must let in who may read the metrics: they come as administrators do.
    private func checkMetrics() {
        guard let endpoint = gateway.metrics.listen, !gateway.metrics.isLocal else { return }
        if !host.management.ports.contains(endpoint.port) {
            let place = host.origins["management.ports"]
            let message = "the metrics are on port \(endpoint.port), which [management] ports does not open (\(place))"
            let origin = gateway.origins["metrics.listen"]
            report?.add(.portDisagrees, at: origin, message, mend: "add \(endpoint.port) there, or mend it here")
        }
        for (index, prefix) in gateway.metrics.from.enumerated()
        where !host.management.from.contains(where: { $0.contains(prefix) }) {
            let place = host.origins["management.from"]
            let message = "\"\(prefix)\" may read the metrics, but the kernel does not let it in (\(place))"
            let origin = gateway.origins["metrics.from[\(index)]"]
            report?.add(.networkDisagrees, at: origin, message, mend: "use networks of [management] from")
        }
    }
}
