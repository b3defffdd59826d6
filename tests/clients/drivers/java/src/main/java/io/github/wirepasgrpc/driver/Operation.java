// SPDX-License-Identifier: Apache-2.0
package io.github.wirepasgrpc.driver;

/** Something that the driver does, in a thread of its own. */
interface Operation {
  /** Does it, and answers. */
  void run() throws Exception;

  /** Makes run() end soon; called from another thread, at any time. */
  void cancel();
}
