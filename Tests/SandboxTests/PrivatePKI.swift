// SPDX-License-Identifier: Apache-2.0
import LinuxIO
import Sandbox
import Testing

/// The demonstration's certificates, made once for all tests.
enum PrivatePKI {
    static let folder: String = {
        let root = #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" }
        let (folder, script) = ("\(root)/.build/sandbox-tests.pki", "\(root)/demo/pki.sh")
        do {
            let made = try ChildProcess.run([script, folder])
            if !made.isSuccess { Issue.record("\(script): \(made.errorText)") }
        } catch {
            Issue.record("\(script): \(error)")
        }
        return folder
    }()

    static func identity(_ name: String?, trusting authority: String) -> Identity {
        Identity(
            anchors: "\(folder)/\(authority).pem",
            certificate: name.map { "\(folder)/\($0).pem" },
            key: name.map { "\(folder)/\($0).key" }
        )
    }
}
