// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Partners

/// One thing `eigctl setup` must know, as it is asked, given as an option and judged.
enum SetupQuestion: String, CaseIterable, Sendable {
    case hostNames = "host-names"
    case addresses
    case inside
    case insideNetworks = "inside-networks"
    case txn
    case rpt
    case management
    case managementPorts = "management-ports"
    case reach

    var option: OptionRule { OptionRule("--\(rawValue)", value: valueName, summary) }

    private var valueName: String {
        switch self {
        case .hostNames: "NAMES"
        case .addresses: "ADDRESSES"
        case .inside, .txn, .rpt: "ADDRESS"
        case .insideNetworks, .management, .reach: "NETWORKS"
        case .managementPorts: "PORTS"
        }
    }

    private var summary: String {
        switch self {
        case .hostNames: "the host names partners call this edge by"
        case .addresses: "this host's addresses for partners; port 8443 unless ADDRESS:PORT"
        case .inside: "this host's address on the inside network; port 8080 unless ADDRESS:PORT"
        case .insideNetworks: "the networks of the backends"
        case .txn: "the TXN backend; port 8080 unless ADDRESS:PORT"
        case .rpt: "the RPT backend; port 8080 unless ADDRESS:PORT"
        case .management: "the networks administrators come from"
        case .managementPorts: "the TCP ports administrators may reach [9443,22]"
        case .reach: "networks this host itself may reach on ports 80, 443 and 6514, or none [none]"
        }
    }

    /// What is shown before the answer is typed.
    var explanation: String {
        switch self {
        case .hostNames: "Host names partners call this edge by; they become the names of its certificate."
        case .addresses: "Addresses of this host that partners connect to."
        case .inside: "Address of this host on the inside network, where the backends call it."
        case .insideNetworks: "Networks of the backends; nobody else may use the inside."
        case .txn: "Address of the TXN backend."
        case .rpt: "Address of the RPT backend."
        case .management: "Networks administrators come from. Everything else is locked out of ssh and jumpd."
        case .managementPorts: "TCP ports administrators may reach."
        case .reach:
            "Networks this host itself may reach (package mirror, log, monitoring) on ports 80, 443 and 6514; "
                + "everything not named is closed."
        }
    }

    /// Taken when nothing else says otherwise.
    var standard: [String]? {
        switch self {
        case .managementPorts: ["9443", "22"]
        case .reach: []
        default: nil
        }
    }

    private var countMax: Int {
        switch self {
        case .hostNames, .addresses, .managementPorts: 16
        case .inside, .txn, .rpt: 1
        case .insideNetworks, .management, .reach: 100
        }
    }

    /// The port an address gets that has none.
    private var port: UInt16 { self == .addresses ? 8443 : 8080 }

    /// An answer is a list: separated by commas or spaces.
    ///
    /// - Returns: each item in the one way it is written in a file.
    func parse(_ text: String) throws(SetupFlaw) -> [String] {
        let words = text.split { $0 == "," || $0 == " " || $0 == "\t" }.map(String.init)
        if self == .reach, words == ["none"] || words.isEmpty { return [] }
        guard !words.isEmpty else { throw SetupFlaw("it is empty") }
        guard words.count <= countMax else {
            throw SetupFlaw("there are \(words.count), and \(countMax) is the most")
        }
        var items: [String] = []
        for word in words {
            let item = try item(word)
            if !items.contains(item) { items.append(item) }
        }
        return items
    }

    private func item(_ word: String) throws(SetupFlaw) -> String {
        switch self {
        case .hostNames:
            let name = word.lowercased()
            guard DNSName.isValid(name) else { throw SetupFlaw("\(word.printable) is not a host name") }
            return name
        case .addresses, .inside, .txn, .rpt: return try endpoint(word)
        case .insideNetworks, .management, .reach: return try network(word)
        case .managementPorts:
            guard let port = UInt16(word), port > 0 else { throw SetupFlaw("\(word.printable) is not a port") }
            return String(port)
        }
    }

    private func endpoint(_ word: String) throws(SetupFlaw) -> String {
        guard let endpoint = IPEndpoint(word) ?? IPAddress(word).map({ IPEndpoint(address: $0, port: port) }) else {
            throw SetupFlaw("\(word.printable) is not an address", "write 203.0.113.1, 203.0.113.1:8443 or 2001:db8::1")
        }
        guard endpoint.address.bytes.contains(where: { $0 != 0 }) else {
            throw SetupFlaw("\(word) is every address", "name the addresses themselves")
        }
        return endpoint.description
    }

    private func network(_ word: String) throws(SetupFlaw) -> String {
        guard let prefix = IPPrefix(word) else {
            throw SetupFlaw("\(word.printable) is not a network", "write 192.0.2.0/24, 2001:db8:5::/64 or an address")
        }
        guard prefix.bitCount >= (prefix.address.isV4 ? 8 : 16) else {
            throw SetupFlaw("\(word) is wider than /\(prefix.address.isV4 ? 8 : 16)", "name the networks really meant")
        }
        return prefix.description
    }
}

/// Why an answer cannot be taken.
struct SetupFlaw: Error, Hashable, Sendable {
    let why: String
    let hint: String?

    init(_ why: String, _ hint: String? = nil) {
        self.why = why
        self.hint = hint
    }
}
