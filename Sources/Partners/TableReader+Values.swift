// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import TOML

/// The kinds of value that several files share.
extension TableReader {
    // MARK: - Addresses

    /// Canonical networks; none so short that it is not a list any more.
    func prefixes(_ key: String, count: ClosedRange<Int>) -> [IPPrefix]? {
        list(key, count: count, example: "\"203.0.113.64/28\"") { prefix($0, key: key) }
    }

    private func prefix(_ text: Located<String>, key: String) -> IPPrefix? {
        guard let prefix = IPPrefix(text.value) else {
            badPrefix(text)
            return nil
        }
        let shortest = prefix.address.isV4 ? 8 : 16
        guard prefix.bitCount >= shortest else {
            let message = "\(quoted(text.value)) is wider than /\(shortest) and would let in whole regions"
            report.add(.prefixWide, at: text.position, message, mend: "list the networks that are really meant")
            return nil
        }
        if prefix.bitCount < (prefix.address.isV4 ? 16 : 32) {
            let message = "\(quoted(text.value)) is a very wide network"
            report.add(.prefixDoubtful, at: text.position, message, mend: "narrow it to what is really used")
        }
        return prefix
    }

    private func badPrefix(_ text: Located<String>) {
        let parts = text.value.split(separator: "/", omittingEmptySubsequences: false)
        if parts.count == 2, let address = IPAddress(parts[0]), let bits = Int(parts[1]),
            (0...address.bitWidth).contains(bits),
            let meant = IPPrefix(address.masked(to: bits), bitCount: bits), meant.address != address
        {
            let hint = "write \"\(meant)\" for the network, or \"\(address)\" for the one address"
            let message = "\(quoted(text.value)) has bits set after /\(bits)"
            report.add(.prefixHostBits, at: text.position, message, mend: hint)
            return
        }
        let hint = "write an address or a network: \"203.0.113.10\", \"203.0.113.64/28\", \"2001:db8:5::/64\""
        report.add(.prefix, at: text.position, "\(quoted(text.value)) is not an address or a network", mend: hint)
    }

    func address(_ key: String) -> IPAddress? {
        parsed(key, required: true, .address, "it must be an address, not a name", example: "\"198.51.100.7\"") {
            IPAddress($0)
        }
    }

    func addresses(_ key: String, count: ClosedRange<Int>) -> [IPAddress]? {
        list(key, count: count, example: "\"203.0.113.1\"") { text in
            if let address = IPAddress(text.value) { return address }
            let message = "\(quoted(text.value)) is not an address"
            self.report.add(.address, at: text.position, message, mend: "write for example \"203.0.113.1\"")
            return nil
        }
    }

    func endpoints(_ key: String, count: ClosedRange<Int>) -> [IPEndpoint]? {
        list(key, count: count, example: "\"0.0.0.0:8443\"") { text in
            if let endpoint = IPEndpoint(text.value) { return endpoint }
            let message = "\(quoted(text.value)) is not an address and a port"
            let hint = "write for example \"192.0.2.1:8443\" or \"[2001:db8::1]:8443\""
            self.report.add(.address, at: text.position, message, mend: hint)
            return nil
        }
    }

    func ports(_ key: String) -> [UInt16]? {
        guard let items = items(key, count: 1...16, example: "[8443]") else { return nil }
        var ports: [UInt16] = []
        for item in items {
            guard case .integer(let number) = item.kind, let port = UInt16(exactly: number), port > 0 else {
                let message = "`\(key)`\(place) must hold ports from 1 to 65535"
                report.add(.port, at: item.position, message, mend: "write for example `\(key) = [8443]`")
                continue
            }
            if ports.contains(port) {
                report.add(.repeated, at: item.position, "port \(port) is listed twice", mend: "keep it once")
            } else {
                ports.append(port)
            }
        }
        return ports
    }

    // MARK: - Names

    /// A name of a file in one folder of the configuration: no path, nothing hidden.
    func fileName(_ key: String, required: Bool = false, example: String) -> String? {
        let rule = "it must be the name of a file, of letters, digits, `.`, `-` and `_`, without a folder"
        return parsed(key, required: required, .fileName, rule, example: example) { FileName.isValid($0) ? $0 : nil }
    }

    /// A secret: a file in one folder of the configuration, or `credential:` and the name of a credential that systemd
    /// hands over.
    func secretName(_ key: String, required: Bool = false, example: String) -> String? {
        let rule =
            "it must be the name of a file, of letters, digits, `.`, `-` and `_`, without a folder, "
            + "or `credential:` and the name of a systemd credential"
        return parsed(key, required: required, .fileName, rule, example: example) { text in
            FileName.isValid(ConfigurationPath.handedOver(text).map(String.init) ?? text) ? text : nil
        }
    }

    func hostNames(_ key: String, count: ClosedRange<Int>) -> [String]? {
        list(key, count: count, example: "\"edge.example.net\"") { text in
            if DNSName.isValid(text.value) { return text.value }
            let hint = "write a DNS name in lower case without a trailing dot"
            self.report.add(.san, at: text.position, "\(quoted(text.value)) is not a host name", mend: hint)
            return nil
        }
    }

    func url(_ key: String) -> Located<EndpointURL>? {
        guard let text = string(key, required: true, example: "\"https://callbacks.partner.example/path\"") else {
            return nil
        }
        do throws(EndpointURL.Flaw) {
            return Located(value: try EndpointURL(text.value), position: text.position)
        } catch {
            let message = "`\(key)`\(place) is \(quoted(text.value)): \(error.rawValue)"
            report.add(.url, at: text.position, message, mend: "write https://HOST[:PORT][/PATH]")
            return nil
        }
    }

    /// An absolute path on this host.
    func absolutePath(_ key: String) -> String? {
        let rule = "it must be an absolute path of at most 100 bytes without `.` or `..`"
        return parsed(key, .path, rule, example: "\"/run/eig/eigd.sock\"") { text in
            let isShort = text.utf8.count <= 100 && !text.hasSuffix("/")
            return isShort && RequestPath.isPlain(text) ? text : nil
        }
    }

    // MARK: - Time

    /// A day (allowed to its end, in UTC) or an instant with its offset.
    func instant(_ key: String) -> WallInstant? {
        guard let value = take(key) else { return nil }
        switch value.kind {
        case .date(let date):
            if let midnight = WallInstant(year: date.year, month: date.month, day: date.day) {
                return midnight + .seconds(86_400)
            }
        case .dateTime(let time):
            let date = time.date
            if let offset = time.offsetMinutes,
                let instant = WallInstant(
                    year: date.year,
                    month: date.month,
                    day: date.day,
                    secondOfDay: min(time.secondOfDay, 86_399)
                )
            {
                return instant + .seconds(-60 * offset)
            }
        default: break
        }
        let hint = "write a date without quotes, `\(key) = 2027-06-30`, or an instant, `2027-06-30T18:00:00Z`"
        report.add(.date, at: value.position, "`\(key)`\(place) is not a date", mend: hint)
        return nil
    }
}

/// Names of files inside one folder of the configuration.
package enum FileName {
    /// 1 to 128 of letters, digits, `.`, `-` and `_`, beginning with a letter or a digit.
    package static func isValid(_ text: String) -> Bool {
        guard (1...128).contains(text.utf8.count), let first = text.utf8.first, isWordCharacter(first) else {
            return false
        }
        return text.utf8.allSatisfy { isWordCharacter($0) || "._-".utf8.contains($0) }
    }

    private static func isWordCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: false
        }
    }
}
