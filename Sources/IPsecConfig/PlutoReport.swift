// SPDX-License-Identifier: Apache-2.0
internal import Base

/// What pluto printed when it was asked, as values.
///
/// Made of `ipsec whack --status`, `--showstates` and `--trafficstatus` of version 4 (lines begin with a number of three
/// digits) and 5 (they do not). Total: a line it does not know is passed over, whatever the bytes are.
package struct PlutoReport: Hashable, Sendable {
    /// Bytes of one output that are looked at: 500 connections print 1 MB.
    package static let bytesMax = 32 << 20
    package static let lineBytesMax = 4096
    package static let connectionsMax = 20_000
    package static let exchangesMax = 64

    /// Ours, by name.
    package private(set) var connections: [ConnectionName: ConnectionState] = [:]
    /// Names of connections that are not ours, sorted, at most 100.
    package private(set) var foreign: [String] = []
    package private(set) var version: LibreswanVersion?
    /// Such as `uniqueids`, `ikev1-policy` and `audit-log`.
    package private(set) var settings: [String: String] = [:]
    /// Whether it said how many connections there are: an output cut short does not.
    package private(set) var isComplete = false

    package init() {}

    /// - Parameter status: what `--status` printed; `--showstates` is part of it.
    /// - Parameter traffic: what `--trafficstatus` printed.
    package init(status: [UInt8], traffic: [UInt8]) {
        read(status)
        read(traffic)
        foreign = Array(Set(foreign)).sorted()
    }

    /// Reads one output, of whichever verb.
    package mutating func read(_ bytes: [UInt8]) {
        for line in bytes.prefix(Self.bytesMax).split(separator: UInt8(ascii: "\n")) {
            read(line: String(decoding: line.prefix(Self.lineBytesMax), as: UTF8.self))
        }
    }

    private mutating func read(line: String) {
        let text = Self.withoutNumber(line[...].utf8)
        switch text.utf8.first {
        case UInt8(ascii: "\""): readConnection(text)
        case UInt8(ascii: "#"): readState(text)
        default: readSettings(text)
        }
    }

    /// Takes `000 ` off, which version 4 puts before each line.
    static func withoutNumber(_ bytes: Substring.UTF8View) -> Substring {
        guard bytes.count >= 4, bytes.prefix(3).allSatisfy({ (0x30...0x39).contains($0) }),
            bytes.dropFirst(3).first == UInt8(ascii: " ")
        else { return Substring(bytes) }
        return Substring(bytes.dropFirst(4))
    }

    // MARK: "NAME": …

    private mutating func readConnection(_ text: Substring) {
        guard let (name, rest) = Self.quoted(text) else { return }
        guard let name = ConnectionName(name) else {
            if foreign.count < 100, foreign.last != String(name) { foreign.append(String(name)) }
            return
        }
        guard rest.hasPrefix(":"), let state = state(of: name) else { return }
        // The line of its ends is the one that is not indented.
        let isIndented = rest.hasPrefix(":  ")
        connections[name] = Self.reading(Self.trimmed(rest.dropFirst()), isIndented: isIndented, into: state)
    }

    private func state(of name: ConnectionName) -> ConnectionState? {
        if let known = connections[name] { return known }
        return connections.count < Self.connectionsMax ? ConnectionState(name: name) : nil
    }

    private static func reading(
        _ words: Substring,
        isIndented: Bool,
        into state: ConnectionState
    ) -> ConnectionState {
        var state = state
        switch words.utf8.first {
        case UInt8(ascii: "o") where words.hasPrefix("oriented;"): state.isOriented = true
        case UInt8(ascii: "u") where words.hasPrefix("unoriented;"): state.isOriented = false
        case UInt8(ascii: "n"), UInt8(ascii: "e"), UInt8(ascii: "r"), UInt8(ascii: "o"):
            for part in words.split(separator: ";") { readSerial(trimmed(part), into: &state) }
        default:
            guard !isIndented, words.contains("===") || words.contains("eroute owner:"),
                let dots = words.firstRange(of: "...")
            else { break }
            state.peer = address(words[dots.upperBound...])
            // From the end: what an identity holds comes before.
            let routings = words.split(separator: ";").reversed().lazy.map { routing(trimmed($0)) }
            state.routing = routings.first { $0 != .unknown } ?? .unknown
        }
        return state
    }

    /// `newest IKE SA: #4`, `newest IPsec SA: #5`, `conn serial: $2`, and what version 5 calls them.
    private static func readSerial(_ part: Substring, into state: inout ConnectionState) {
        guard let mark = part.lastIndex(where: { $0 == "#" || $0 == "$" }),
            let serial = Int(part[part.index(after: mark)...].prefix { $0.isASCII && $0.isNumber })
        else { return }
        switch part[..<mark] {
        case "newest IKE SA: ", "newest ISAKMP SA: ", "established IKE SA: ", "established ISAKMP SA: ":
            state.ikeSerial = max(0, serial)
        case "newest IPsec SA: ", "newest Child SA: ", "established Child SA: ", "established IPsec SA: ":
            state.childSerial = max(0, serial)
        case "conn serial: ": state.connectionSerial = max(0, serial)
        default: break
        }
    }

    /// In the words of version 4, and those of version 5.
    private static func routing(_ word: Substring) -> ConnectionState.Routing {
        switch word {
        case "erouted", "routed-tunnel", "ROUTED_TUNNEL", "RT_ROUTED_TUNNEL": .tunnelled
        case "prospective erouted", "routed-ondemand", "ROUTED_ONDEMAND", "RT_ROUTED_PROSPECTIVE": .trapped
        case "erouted HOLD", "routed HOLD", "fail erouted", "routed-negotiation", "routed-failure",
            "ROUTED_NEGOTIATION", "ROUTED_FAILURE", "routed-never-negotiate":
            .held
        case "unrouted", "unrouted HOLD", "unrouted-keyed", "unrouted keyed", "UNROUTED", "unrouted-negotiation":
            .unrouted
        default: .unknown
        }
    }

    /// The address at the beginning of `203.0.113.7[@id]===…`.
    private static func address(_ text: Substring) -> IPAddress? {
        IPAddress(String(text.prefix { $0.isHexDigit || $0 == "." || $0 == ":" }))
    }

    // MARK: #N: …

    private mutating func readState(_ text: Substring) {
        guard let colon = text.firstIndex(of: ":"),
            let serial = Int(text[text.index(after: text.startIndex)..<colon]), serial > 0,
            let (nameText, rest) = Self.quoted(Self.trimmed(text[text.index(after: colon)...])),
            let name = ConnectionName(nameText), var state = state(of: name)
        else { return }
        if let traffic = Self.traffic(rest) {
            guard state.traffic.count < Self.exchangesMax else { return }
            state.traffic[serial] = traffic
        } else if let progress = Self.progress(rest) {
            guard state.exchanges.count < Self.exchangesMax,
                !state.exchanges.contains(where: { $0.serial == serial })
            else { return }
            state.exchanges.append(ConnectionState.Exchange(serial: serial, progress: progress))
        } else {
            return
        }
        connections[name] = state
    }

    /// `, type=ESP, add_time=1234567890, inBytes=0, outBytes=0, …`.
    private static func traffic(_ rest: Substring) -> ConnectionState.Traffic? {
        guard let type = rest.firstRange(of: ", type=") else { return nil }
        var fields: [Substring: Int64] = [:]
        for part in rest[type.lowerBound...].split(separator: ",", maxSplits: 8) {
            let part = trimmed(part)
            guard let equals = part.firstIndex(of: "=") else { continue }
            // Not beyond the identity: its text is the partner's.
            if part[..<equals] == "id" { break }
            fields[part[..<equals]] = Int64(part[part.index(after: equals)...])
        }
        guard let bytesIn = fields["inBytes"], let bytesOut = fields["outBytes"], bytesIn >= 0, bytesOut >= 0 else {
            return nil
        }
        return ConnectionState.Traffic(addedAt: max(0, fields["add_time"] ?? 0), bytesIn: bytesIn, bytesOut: bytesOut)
    }

    /// `:500 STATE_V2_PARENT_I1 (sent IKE_SA_INIT request); RETRANSMIT in 0s; idle;`.
    private static func progress(_ rest: Substring) -> ConnectionState.Exchange.Progress? {
        guard let open = rest.firstIndex(of: "("), let close = rest[open...].firstIndex(of: ")") else { return nil }
        switch rest[rest.index(after: open)..<close].lowercased() {
        case "established ike sa", "established isakmp sa", "ipsec sa established, isakmp sa established":
            return .establishedIKE
        case "established child sa", "ipsec sa established", "established ipsec sa":
            let ike = rest.firstRange(of: "IKE SA #").flatMap {
                Int(rest[$0.upperBound...].prefix { $0.isASCII && $0.isNumber })
            }
            return .establishedChild(ike: ike ?? 0)
        case "sent ike_sa_init request", "sent main mode i1", "sent mi1, expecting mr1": return .unanswered
        default: return rest.contains(" STATE_") || rest.contains("; ") ? .negotiating : nil
        }
    }

    // MARK: The rest

    private mutating func readSettings(_ text: Substring) {
        if text.hasPrefix("Total IPsec connections:") {
            isComplete = true
            return
        }
        guard settings.count < 200, text.contains("=") else { return }
        for part in text.split(separator: ",", maxSplits: 32) {
            let part = Self.trimmed(part)
            guard let equals = part.firstIndex(of: "="), part.utf8.count <= 200 else { continue }
            let value = part[part.index(after: equals)...]
            switch part[..<equals] {
            case "pluto_version": version = LibreswanVersion("Libreswan \(value)")
            case "uniqueids", "ikev1-policy", "audit-log", "listen", "logfile", "plutostderrlog":
                settings[String(part[..<equals])] = String(value)
            default: break
            }
        }
    }

    /// What stands between the quotes at the beginning, and what follows: without an instance's number and address.
    static func quoted(_ text: Substring) -> (name: Substring, rest: Substring)? {
        let bytes = text.utf8
        guard bytes.first == UInt8(ascii: "\"") else { return nil }
        let start = bytes.index(after: bytes.startIndex)
        guard let end = bytes[start...].firstIndex(of: UInt8(ascii: "\"")) else { return nil }
        return (Substring(bytes[start..<end]), Substring(bytes[bytes.index(after: end)...]))
    }

    static func trimmed(_ text: Substring) -> Substring {
        func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        var bytes = text.utf8.drop(while: isBlank)
        while let last = bytes.last, isBlank(last) || last == UInt8(ascii: "\r") { bytes.removeLast() }
        return Substring(bytes)
    }
}
