// SPDX-License-Identifier: Apache-2.0
internal import Control
internal import Partners

/// A target behind the gate as it is typed: `eig-01:22`, `eig-01 22`, or `txn-db` where it has one port.
struct TargetName: Hashable, Sendable {
    let name: String
    let port: Int?

    /// Names are those `jumpd.toml` may give; they become part of a request.
    ///
    /// - Parameter words: the name with or without its port, or the name and then the port, as OpenSSH gives `%h %p`.
    init(_ words: ArraySlice<String>) throws(Failure) {
        let typed = words.joined(separator: ":")
        let parts = typed.split(separator: ":", omittingEmptySubsequences: false)
        let port = parts.count == 2 ? Int(parts[1]) : nil
        let isName = (1...64).contains(parts[0].utf8.count) && parts[0].utf8.allSatisfy(Self.isNameByte)
        let isPort = parts.count == 1 || parts.count == 2 && port.map { (1...65_535).contains($0) } ?? false
        guard isName, isPort else {
            let hint = "write a name of `eigctl jump targets`, such as `eig-01:22`; an address is no target"
            throw .usage("`\(typed.printable)` names no target", hint: hint)
        }
        name = String(parts[0])
        self.port = port
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"),
            UInt8(ascii: "-"), UInt8(ascii: "."):
            true
        default: false
        }
    }

    /// With its port: the one that was typed, or the only one the gate has for it.
    func authority(asking gate: Program) throws(Failure) -> String {
        if let port { return "\(name):\(port)" }
        let targets = try gate.ask("GET", "/v1/targets", for: TargetListDocument.self).targets
        return try authority(among: try Self.find(name, in: targets))
    }

    /// - Throws: when the target has other ports, or several and none was typed.
    func authority(among target: TargetItem) throws(Failure) -> String {
        if let port {
            guard target.ports.contains(port) else {
                let ports = target.ports.map { "\(name):\($0)" }.joined(separator: ", ")
                throw Failure(code: "no_such_port", message: "\(name) has no port \(port)", hint: "there is \(ports)")
            }
            return "\(name):\(port)"
        }
        guard target.ports.count == 1 else {
            let ports = target.ports.map { "\(name):\($0)" }.joined(separator: ", ")
            throw .usage("\(name) has \(target.ports.count) ports", hint: "say which: \(ports)")
        }
        return "\(name):\(target.ports[0])"
    }

    static func find(_ name: String, in targets: [TargetItem]) throws(Failure) -> TargetItem {
        if let target = targets.first(where: { $0.id == name }) { return target }
        let nearest = Spelling.nearest(to: name, among: targets.map(\.id)).map { "did you mean \($0)?" }
        throw Failure(
            code: "no_such_target",
            message: "no role of yours has a target \(name)",
            hint: nearest ?? "`eigctl jump targets` lists yours"
        )
    }
}
