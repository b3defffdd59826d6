// SPDX-License-Identifier: Apache-2.0
/**
 * What makes the generated stubs of {@code io.github.wirepasgrpc.mesh.v1} comfortable: {@link
 * io.github.wirepasgrpc.client.WirepasClient} connects, {@link
 * io.github.wirepasgrpc.client.WirepasException} reads errors, and {@link
 * io.github.wirepasgrpc.client.UplinkSubscription} and {@link
 * io.github.wirepasgrpc.client.UplinkPublisher} receive packets over all breaks of the connection.
 */
package io.github.wirepasgrpc.client;
