// SPDX-License-Identifier: Apache-2.0
internal import LinuxIO

Environment.exit(Program.run(CommandLine.arguments.dropFirst()))
