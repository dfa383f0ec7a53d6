// SPDX-License-Identifier: Apache-2.0

/// Our units, where systemd runs.
enum UnitLines {
    static func text(_ units: [UnitStatus], usesColour: Bool) -> String {
        var table = TextTable([("UNIT", .left), ("STATE", .left), ("SINCE", .left), ("RESTARTS", .right)])
        for unit in units {
            table.add([
                unit.name,
                unit.detail.isEmpty || unit.detail == unit.state ? unit.state : "\(unit.state) (\(unit.detail))",
                unit.since ?? "",
                unit.name.hasSuffix(".service") ? Shown.count(unit.restarts) : "",
            ])
        }
        return table.text(usesColour: usesColour)
    }
}

/// The volume the callback store is on, in one line.
enum DiskLine {
    static func text(_ disk: DiskStatus?) -> String {
        guard let disk else { return "" }
        let free = "\(Shown.bytes(disk.freeBytes)) of \(Shown.bytes(disk.totalBytes)) free"
        return "disk: \(free) for \(disk.path.printable)\n"
    }
}
