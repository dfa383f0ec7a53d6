// SPDX-License-Identifier: Apache-2.0

/// The JSON bodies of TerraPay's partner interface, as far as the simulators speak it.
enum TerraPay {
    struct Pair: Codable, Hashable, Sendable {
        let key: String
        let value: String
    }

    /// `POST /eig/gsma/transactions`.
    ///
    /// Everything else in the body is the business of real backends.
    struct CreateRequest: Codable, Hashable, Sendable {
        let amount: String
        let currency: String
        let type: String
        let requestDate: String
        let requestingOrganisationTransactionReference: String
        var descriptionText: String?
        var provider: String?
        var debitParty: [Pair] = []
        var creditParty: [Pair] = []

        /// Why it cannot be taken, as a code and its words; nothing when it can.
        var refusal: (code: String, words: String)? {
            guard (4...50).contains(requestingOrganisationTransactionReference.utf8.count) else {
                return ("1004", "Invalid requestingOrganisationTransactionReference")
            }
            guard let value = Double(amount), value > 0, amount.utf8.count <= 13 else {
                return ("1004", "Invalid amount")
            }
            guard currency.utf8.count == 3 else { return ("1004", "Invalid currency") }
            guard ["inttransfer", "p2p", "b2b", "b2p", "p2b"].contains(type) else { return ("1004", "Invalid type") }
            guard !creditParty.isEmpty else { return ("1005", "creditParty is missing") }
            return nil
        }
    }

    /// The answer to a create or view request.
    struct Transaction: Codable, Hashable, Sendable {
        let amount: String
        let currency: String
        let type: String
        let requestDate: String
        let requestingOrganisationTransactionReference: String
        /// `code:words`, such as `3050:Remit Acknowledged.`
        let transactionStatus: String
        let transactionReference: String
        /// SUCCESS, PENDING, FAILED and the like: the word that decides about refunds.
        let status: String
    }

    /// The error object; clients must expect it with any HTTP status.
    struct Failure: Codable, Hashable, Sendable {
        struct Detail: Codable, Hashable, Sendable {
            let errorCategory: String
            let errorCode: String
            let errorDescription: String
            let errorDateTime: String
        }

        let serverCorrelationId: String
        let clientCorrelationId: String
        let error: Detail
    }

    /// The sender callback ("Status Notification").
    struct StatusNotification: Codable, Hashable, Sendable {
        let transactionId: String
        let partnerTransId: String
        let responseCode: String
        let responseMsg: String
        let status: String
    }

    /// What a send partner answers to it: a string, not a boolean.
    struct Acknowledgement: Codable, Hashable, Sendable {
        let acknowledged: String
    }
}

/// The JSON bodies between the network and a receive partner: this network's own contract.
enum Payout {
    /// The outward call: pay this out.
    struct Order: Codable, Hashable, Sendable {
        let transactionId: String
        let amount: String
        let currency: String
        let creditParty: [TerraPay.Pair]
    }

    struct Accepted: Codable, Hashable, Sendable {
        let status: String
        let transactionId: String
        let payoutReference: String
    }

    /// The receiver callback: it was paid out, or not.
    struct Result: Codable, Hashable, Sendable {
        let transactionId: String
        let payoutReference: String
        let status: String
        let completedAt: String
    }
}
