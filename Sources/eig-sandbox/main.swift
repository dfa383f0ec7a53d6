// SPDX-License-Identifier: Apache-2.0
import LinuxIO
import Sandbox

Environment.exit(SandboxProgram.run(Array(CommandLine.arguments.dropFirst())))
