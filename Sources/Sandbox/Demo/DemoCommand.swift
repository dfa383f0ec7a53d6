// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import LinuxIO

/// `eig-sandbox demo`: the scenario, in a laboratory that stands.
enum DemoCommand {
    /// - Returns: 0 only when everything was observed at the receiving end.
    static func run(_ words: some Sequence<String>) throws(UsageError) -> Int {
        var arguments = try Arguments(words)
        let lab = Lab(folder: try arguments.required("--folder"), script: try arguments.required("--lab"))
        try arguments.end()
        let startedAt = Clock.monotonic()
        var scenario = Scenario(lab) { StandardStream.output.write(FindingText.lines($0)) }
        do {
            try scenario.run()
        } catch {
            StandardStream.error.write("demo: \(error)\n")
            return 1
        }
        let table = FindingText.table(scenario.findings, elapsed: Clock.monotonic() - startedAt)
        StandardStream.output.write("\n\(table)")
        return scenario.findings.allSatisfy(\.isObserved) ? 0 : 1
    }
}
