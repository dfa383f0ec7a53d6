// SPDX-License-Identifier: Apache-2.0

/// A configuration file without its comments: people write anything into those.
enum TOMLComments {
    /// Broken files are taken apart, too: a string ends with its line at the latest, unless it is a long one.
    static func removed(_ text: String) -> String {
        var output = String.UnicodeScalarView()
        var quote: (scalar: Unicode.Scalar, isLong: Bool)?
        let scalars = Array(text.unicodeScalars)
        var index = 0
        while index < scalars.count {
            let scalar = scalars[index]
            let isTriple = index + 2 < scalars.count && scalars[index + 1] == scalar && scalars[index + 2] == scalar
            if let open = quote {
                if scalar == "\\", open.scalar == "\"", index + 1 < scalars.count {
                    output.append(scalar)
                    index += 1
                    output.append(scalars[index])
                } else {
                    output.append(scalar)
                    if scalar == open.scalar, !open.isLong || isTriple {
                        if open.isLong { output.append(contentsOf: [scalar, scalar]) }
                        index += open.isLong ? 2 : 0
                        quote = nil
                    } else if scalar == "\n", !open.isLong {
                        quote = nil
                    }
                }
            } else if scalar == "#" {
                while index < scalars.count, scalars[index] != "\n" { index += 1 }
                continue
            } else {
                output.append(scalar)
                if scalar == "\"" || scalar == "'" {
                    quote = (scalar, isTriple)
                    if isTriple {
                        output.append(contentsOf: [scalar, scalar])
                        index += 2
                    }
                }
            }
            index += 1
        }
        return String(output)
    }
}
