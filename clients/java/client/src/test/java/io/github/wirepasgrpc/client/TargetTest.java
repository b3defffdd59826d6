// SPDX-License-Identifier: Apache-2.0
package io.github.wirepasgrpc.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TargetTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "localhost:50051",
        "LOCALHOST:50051",
        "127.0.0.1:50051",
        "127.3.2.1:1",
        "[::1]:50051",
        "dns:///localhost:50051",
        "dns:///127.0.0.1:50051",
        "unix:/run/wirepas-grpcd.sock"
      })
  void isOnThisMachine(String text) {
    assertTrue(Target.parse(text).isOnThisMachine());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "example.com:50051",
        "localhost.example.com:50051",
        "127.0.0.1.example.com:50051",
        "10.0.0.1:50051",
        "[2001:db8::1]:50051",
        "dns:///example.com:50051",
        "dns://127.0.0.1/example.com:50051",
        "dns://8.8.8.8/localhost:50051"
      })
  void isElsewhere(String text) {
    assertFalse(Target.parse(text).isOnThisMachine());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ":50051", "host:port", "http://example.com:1", "::1:50051"})
  void isNoTarget(String text) {
    assertThrows(IllegalArgumentException.class, () -> Target.parse(text));
  }

  @Test
  void hasTheSchemeThatGrpcNeeds() {
    assertEquals("dns:///localhost:1", Target.parse("localhost:1").uri());
    assertEquals("dns:///localhost:1", Target.parse("dns:///localhost:1").uri());
    assertEquals("unix:/a/b", Target.parse("unix:/a/b").uri());
  }
}
