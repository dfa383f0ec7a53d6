// SPDX-License-Identifier: Apache-2.0

/// How one destination is delivered to.
package struct RelayEndpoint: Sendable, Hashable {
    /// What happens to a key when its head is given up.
    package enum DeadLetterPolicy: Hashable, Sendable {
        /// The dead letter holds its key until somebody replays or releases it: order is kept.
        case hold
        /// The next item of the key is delivered.
        case skip
    }

    package var destination: Destination
    package var profile: OutboundProfile
    /// The path for receiver callbacks; nothing keeps the URL's own.
    package var receiverPath: String?
    /// The path for sender callbacks; nothing keeps the URL's own.
    package var senderPath: String?
    package var inFlightMax: Int
    /// For one whole attempt.
    package var timeout: Duration
    package var giveUpAfter: Duration
    package var deadLetterPolicy: DeadLetterPolicy
    /// Any text that changes when the endpoint's URL or keys do; a change ends a parking by 410.
    package var revision: String

    package init(
        destination: Destination,
        profile: OutboundProfile,
        receiverPath: String? = nil,
        senderPath: String? = nil,
        inFlightMax: Int = 16,
        timeout: Duration = .seconds(15),
        giveUpAfter: Duration = .seconds(72 * 3600),
        deadLetterPolicy: DeadLetterPolicy = .hold,
        revision: String = ""
    ) {
        self.destination = destination
        self.profile = profile
        self.receiverPath = receiverPath
        self.senderPath = senderPath
        self.inFlightMax = inFlightMax
        self.timeout = timeout
        self.giveUpAfter = giveUpAfter
        self.deadLetterPolicy = deadLetterPolicy
        self.revision = revision
    }

    func path(for kind: Submission.Kind) -> String? {
        switch kind {
        case .receiver: receiverPath
        case .sender: senderPath
        }
    }
}
