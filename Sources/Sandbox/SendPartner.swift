// SPDX-License-Identifier: Apache-2.0

/// PayFast's callback endpoint: takes status notifications and acknowledges them as TerraPay asks.
package final class SendPartner: Role {
    package init() {}

    package func answer(_ request: ReceivedRequest) -> Answer {
        guard request.method == "POST" else { return Answer(status: 405) }
        guard JSON.decode(TerraPay.StatusNotification.self, request.body) != nil else { return Answer(status: 400) }
        return .json(200, TerraPay.Acknowledgement(acknowledged: "true"))
    }
}
