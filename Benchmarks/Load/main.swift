// SPDX-License-Identifier: Apache-2.0
import BenchmarkKit
import LinuxIO

do {
    let options = try LoadOptions(Array(CommandLine.arguments.dropFirst()))
    var driver = try LoadDriver.prepared(options)
    let report = driver.run()
    StandardStream.output.write(report.json + "\n")
    Environment.exit(report.isSuccess ? 0 : 1)
} catch let error as UsageError {
    StandardStream.error.write("edge-load: \(error)\n\(LoadOptions.usage)")
    Environment.exit(64)
} catch {
    StandardStream.error.write("edge-load: \(error)\n")
    Environment.exit(1)
}
