// SPDX-License-Identifier: Apache-2.0
import LinuxIO
import Testing

/// The program as the shell starts it; everything else is tested without a process.
@Suite("The program eigctl")
struct ProgramTests {
    /// Beside the tests, where the package's products are built.
    static var path: String {
        let tests = CommandLine.arguments[0]
        return (tests.split(separator: "/", omittingEmptySubsequences: false).dropLast() + ["eigctl"]).joined(
            separator: "/"
        )
    }

    @Test("ends with the verb's status, speaks on the right stream and colours no pipe")
    func streams() throws {
        let help = try ChildProcess.run([Self.path, "--help"], timeout: .seconds(60))
        #expect(help.status == .exited(code: 0))
        #expect(help.outputText.hasPrefix("Usage: eigctl VERB"))
        let wrong = try ChildProcess.run([Self.path, "nonsense"], timeout: .seconds(60))
        #expect(wrong.status == .exited(code: 64))
        #expect(wrong.output.isEmpty)
        #expect(wrong.errorText.hasPrefix("eigctl: error: there is no verb"))
    }
}
