// SPDX-License-Identifier: Apache-2.0
internal import LinuxIO

/// `eig-sandbox`: everybody around the edge, simulated.
package enum SandboxProgram {
    static let usage = """
        usage: eig-sandbox VERB FLAGS…

          txn              the transaction backend
            --listen ADDRESS:PORT --edge URL --receiver PARTNER [--reports URL] [--pause 100ms]
          rpt              the reports backend
            --listen ADDRESS:PORT
          send-partner     a send partner's callback endpoint
            --listen ADDRESS:PORT --certificate FILE --key FILE --client-ca FILE
          receive-partner  a receive partner: payouts, receiver callbacks, callback endpoint
            --listen ADDRESS:PORT… --certificate FILE --key FILE --client-ca FILE --callback URL --ca FILE
            --client-certificate FILE --client-key FILE [--login USER:PASSWORD] [--pause 100ms]
          call             one request; prints the answer as one JSON line
            --url URL [--method M] [--connect ADDRESS:PORT] [--ca FILE] [--certificate FILE --key FILE]
            [--login USER:PASSWORD] [--header 'NAME: VALUE']… [--body TEXT | --body-bytes N] [--timeout 30s]
            [--verbatim]   no Content-Length or Connection of ours: what a hostile client sends
          demo             the demonstration's steps, in the laboratory demo/lab.sh built
            --folder FOLDER --lab SCRIPT

        Simulators run until they are killed and write one JSON line an event on standard output. All take
        --control SOCKET (GET /v1/status, GET and PUT /faults) and --fault answer:STATUS | stall:DURATION |
        die | cut | refuse, each with xN for how often, such as answer:500x3.

        """

    /// - Returns: the exit status.
    package static func run(_ arguments: [String]) -> Int {
        let verb = arguments.first ?? ""
        let rest = arguments.dropFirst()
        do {
            switch verb {
            case "call": return try CallCommand.run(rest)
            case "demo": return try DemoCommand.run(rest)
            case "-h", "--help", "help":
                StandardStream.output.write(usage)
                return 0
            case let verb where RoleCommand.verbs.contains(verb): return try RoleCommand.run(verb, rest)
            default: throw UsageError(verb.isEmpty ? "a verb is missing" : "unknown verb \(verb)")
            }
        } catch {
            StandardStream.error.write("eig-sandbox: \(error)\n\n\(usage)")
            return 64
        }
    }
}
