// SPDX-License-Identifier: Apache-2.0
package io.github.wirepasgrpc.examples;

import io.github.wirepasgrpc.client.WirepasException;
import io.grpc.StatusRuntimeException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The command line of an example: options with a value each, and the rest by position. */
final class Arguments {
  private final Map<String, String> options = new HashMap<>();
  private final List<String> positional = new ArrayList<>();
  private final String usage;

  /**
   * Reads a command line; ends the program when it does not fit.
   *
   * @param usage the positional arguments and further options, as a help text shows them
   * @param count how many positional arguments there must be
   */
  Arguments(String[] args, String usage, int count) {
    this.usage = usage;
    for (int i = 0; i < args.length; i++) {
      if (!args[i].startsWith("--")) {
        positional.add(args[i]);
      } else if (i + 1 < args.length && isKnown(args[i])) {
        options.put(args[i], args[++i]);
      } else {
        fail();
      }
    }
    if (positional.size() != count) {
      fail();
    }
  }

  private boolean isKnown(String option) {
    return option.equals("--target") || usage.contains("[" + option + " ");
  }

  private void fail() {
    System.err.println("usage: [--target TARGET] " + usage);
    System.exit(2);
  }

  String target() {
    return options.getOrDefault("--target", "127.0.0.1:50051");
  }

  String text(int index) {
    return positional.get(index);
  }

  int number(int index) {
    return toNumber(positional.get(index));
  }

  int option(String name, int byDefault) {
    return options.containsKey(name) ? toNumber(options.get(name)) : byDefault;
  }

  private int toNumber(String text) {
    try {
      return Integer.parseUnsignedInt(text);
    } catch (NumberFormatException e) {
      fail();
      throw e;
    }
  }

  /** What an example does. */
  interface Action {
    /** Returns whether all went well. */
    boolean run() throws Exception;
  }

  /** Runs an example: a failed call becomes one line, and the exit code 1. */
  static void run(Action action) throws Exception {
    boolean ok;
    try {
      ok = action.run();
    } catch (StatusRuntimeException | WirepasException e) {
      System.err.println(WirepasException.from(e).getMessage());
      ok = false;
    }
    System.exit(ok ? 0 : 1);
  }
}
