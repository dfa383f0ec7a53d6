// SPDX-License-Identifier: Apache-2.0
package import Base
internal import LinuxIO

/// Where the sockets that are open differ from what a file says: socket units have addresses of their own, and nothing
/// but words can make the two agree.
///
/// What was handed over is served all the same: who is let in by a socket nobody meant is judged as everybody else, and
/// who is not served at all is an outage.
package struct ListenDifference {
    /// One socket unit and what should be its addresses.
    package struct Place {
        /// The file, the table in it and the key, such as `eigd.toml [listen] partners`.
        let key: String
        let unit: String
        let service: String
        let wanted: [IPEndpoint]

        package init(key: String, unit: String, service: String, wanted: [IPEndpoint]) {
            self.key = key
            self.unit = unit
            self.service = service
            self.wanted = wanted
        }
    }

    /// One line each, with the mend; empty when file and sockets agree.
    package let lines: [String]

    package var isEmpty: Bool { lines.isEmpty }

    /// - Parameter places: each with the sockets it is about.
    package init(_ places: [(place: Place, listeners: [Listener])]) {
        lines =
            places.compactMap { Self.line($0.place, $0.listeners) }
            + places.flatMap(\.listeners).compactMap { Self.dualStack($0) }
    }

    private static func line(_ place: Place, _ listeners: [Listener]) -> String? {
        let open = Set(listeners.map(\.endpoint))
        guard open != Set(place.wanted) else { return nil }
        let missing = place.wanted.filter { !open.contains($0) }.map(\.description)
        let extra = open.subtracting(place.wanted).map(\.description).sorted()
        var parts: [String] = []
        if !missing.isEmpty { parts.append("\(missing.joined(separator: " ")) is in the file and not listened on") }
        if !extra.isEmpty { parts.append("\(extra.joined(separator: " ")) is listened on and not in the file") }
        return "\(place.key) and the sockets of \(place.unit) differ: \(parts.joined(separator: ", ")); "
            + "if the file is right: eigctl setup --yes, then systemctl restart \(place.unit) \(place.service); "
            + "if the sockets are: mend the file, then systemctl reload \(place.service)"
    }

    /// Such a socket listens on addresses that no file names.
    private static func dualStack(_ listener: Listener) -> String? {
        guard Sockets.takesBothFamilies(listener.descriptor) else { return nil }
        return "the socket \(listener.endpoint) takes IPv4, too, which its address does not say; "
            + "its unit needs BindIPv6Only=ipv6-only and a ListenStream= of its own for IPv4"
    }
}
