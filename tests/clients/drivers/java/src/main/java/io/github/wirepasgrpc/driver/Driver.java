// SPDX-License-Identifier: Apache-2.0
package io.github.wirepasgrpc.driver;

import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import io.github.wirepasgrpc.client.WirepasClient;
import java.io.BufferedReader;
import java.io.File;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Does with the client what it is told, line by line, on standard input, and answers on standard
 * output. What is said and answered is JSON. Ends with its input.
 */
public final class Driver {
  private static final String INVALID_ARGUMENT = "INVALID_ARGUMENT";

  private final WirepasClient client;
  private final Receiver.Kind kind;
  private final Output output;
  private final Map<JsonElement, Operation> running = new ConcurrentHashMap<>();

  private Driver(WirepasClient client, Receiver.Kind kind, Output output) {
    this.client = client;
    this.kind = kind;
    this.output = output;
  }

  /**
   * Runs the driver.
   *
   * @param args {@code --target TARGET [--consumer iterator|publisher] [--tls] [--ca FILE] [--cert
   *     FILE --key FILE]}
   * @throws IOException when standard input or a file cannot be read
   */
  public static void main(String[] args) throws IOException {
    Map<String, String> options = options(args);
    Receiver.Kind kind =
        Receiver.Kind.valueOf(
            options.getOrDefault("--consumer", "iterator").toUpperCase(Locale.ROOT));
    PrintStream stdout =
        new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8);
    // Nothing but the answers may come there.
    System.setOut(System.err);
    Output output = new Output(stdout);
    BufferedReader input =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    try (WirepasClient client = client(options)) {
      Driver driver = new Driver(client, kind, output);
      output.line("ready", new JsonPrimitive(true));
      for (String line = input.readLine(); line != null; line = input.readLine()) {
        if (!line.isBlank()) {
          driver.take(line);
        }
      }
      driver.running.values().forEach(Operation::cancel);
    }
    System.exit(0);
  }

  private static Map<String, String> options(String[] args) {
    Map<String, String> options = new HashMap<>();
    for (int i = 0; i < args.length; i++) {
      boolean hasValue = !args[i].equals("--tls");
      options.put(args[i], hasValue ? args[++i] : "");
    }
    return options;
  }

  private static WirepasClient client(Map<String, String> options) throws IOException {
    WirepasClient.Builder builder = WirepasClient.builder(options.get("--target"));
    if (options.containsKey("--tls")) {
      builder.tls();
    }
    if (options.containsKey("--ca")) {
      builder.tlsCa(new File(options.get("--ca")));
    }
    if (options.containsKey("--cert")) {
      builder.tlsClient(new File(options.get("--cert")), new File(options.get("--key")));
    }
    return builder.build();
  }

  private void take(String line) {
    JsonElement id = JsonNull.INSTANCE;
    try {
      JsonObject operation = JsonParser.parseString(line).getAsJsonObject();
      if (operation.has("id")) {
        id = operation.get("id");
      }
      switch (operation.get("op").getAsString()) {
        case "call" -> start(id, new Call(client, operation, output));
        case "subscribe" -> start(id, new Subscribe(client, kind, operation, output));
        case "measure" -> start(id, new Measure(client, kind, operation, output));
        case "cancel" -> cancel(id, operation.get("target"));
        default -> throw new IllegalArgumentException("no such op");
      }
    } catch (Exception e) {
      // Whatever is missing or of another type in the line ends here.
      output.answer(id, "status", Output.status(INVALID_ARGUMENT, String.valueOf(e.getMessage())));
    }
  }

  private void start(JsonElement id, Operation operation) {
    running.put(id, operation);
    Thread thread =
        new Thread(
            () -> {
              try {
                operation.run();
              } catch (Exception e) {
                output.answer(id, "status", Output.status("UNKNOWN", e.toString()));
              } finally {
                running.remove(id, operation);
              }
            },
            "operation " + id);
    thread.setDaemon(true);
    thread.start();
  }

  private void cancel(JsonElement id, JsonElement target) {
    Operation operation = target == null ? null : running.get(target);
    if (operation != null) {
      operation.cancel();
    }
    output.answer(id, "status", Output.status("OK", ""));
  }
}
