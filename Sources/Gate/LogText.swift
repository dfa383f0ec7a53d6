// SPDX-License-Identifier: Apache-2.0
internal import Base

/// A line of the gate's log: one flat JSON object.
enum LogText {
    static func line(_ event: String, _ fields: KeyValuePairs<String, String>, at now: WallInstant) -> String {
        var text = "{\"time\":\"\(now.rfc3339)\",\"event\":\(quoted(event))"
        for (name, value) in fields where !value.isEmpty { text += ",\(quoted(name)):\(quoted(value))" }
        return text + "}"
    }

    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\\(scalar)"
            case "\u{0}"..<" ", "\u{7f}"..<"\u{a0}":
                quoted += "\\u" + Hex.encode([UInt8(scalar.value >> 8), UInt8(scalar.value & 255)])
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
