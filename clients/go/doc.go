// SPDX-License-Identifier: Apache-2.0

// Package wirepas is the Go client of wirepas-grpc, the service that gives programs access to
// Wirepas Mesh networks.
//
// [Dial] gives a [Client] with the generated stubs of all services of the API, which are in package
// meshv1. What this package adds is little: TLS and tokens at [Dial], failed calls as [Error], and
// [Client.SubscribeUplink], a subscription to the packets of nodes that goes on after losses of the
// connection.
package wirepas
