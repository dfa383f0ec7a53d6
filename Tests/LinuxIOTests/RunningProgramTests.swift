// SPDX-License-Identifier: Apache-2.0
import Base
import Testing

@testable import LinuxIO

@Suite("A program that runs")
struct RunningProgramTests {
    @Test("is found by a whole word of its command line, and ended by a signal")
    func found() throws {
        let path = "/tmp/running-\(Hex.encode(Random.bytes(6)))"
        _ = try FileStore.create(path, mode: 0o600)
        defer { try? FileStore.remove(path) }
        let child = try ChildProcess(["tail", "-f", path])
        let number = child.processID
        let deadline = Clock.monotonic() + .seconds(10)
        while RunningProgram.all(withArgument: path).isEmpty, Clock.monotonic() < deadline {
            Clock.sleep(.milliseconds(5))
        }
        #expect(RunningProgram.all(withArgument: path).map(\.processID) == [number])
        #expect(RunningProgram.all(withArgument: String(path.dropLast())).isEmpty)
        for program in RunningProgram.all(withArgument: path) { program.signal(9) }
        let status = child.wait()
        #expect(status == .killed(signal: 9))
        #expect(RunningProgram.all(withArgument: path).isEmpty)
    }
}
