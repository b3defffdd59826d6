// SPDX-License-Identifier: Apache-2.0

import com.hivemq.embedded.EmbeddedExtension;
import com.hivemq.embedded.EmbeddedHiveMQ;
import com.hivemq.extension.sdk.api.ExtensionMain;
import com.hivemq.extension.sdk.api.auth.SimpleAuthenticator;
import com.hivemq.extension.sdk.api.auth.parameter.TopicPermission;
import com.hivemq.extension.sdk.api.packets.auth.ModifiableDefaultPermissions;
import com.hivemq.extension.sdk.api.parameter.ExtensionStartInput;
import com.hivemq.extension.sdk.api.parameter.ExtensionStartOutput;
import com.hivemq.extension.sdk.api.parameter.ExtensionStopInput;
import com.hivemq.extension.sdk.api.parameter.ExtensionStopOutput;
import com.hivemq.extension.sdk.api.services.Services;
import com.hivemq.extension.sdk.api.services.builder.Builders;
import java.nio.file.Path;
import java.util.List;

/**
 * HiveMQ Community Edition as a program: {@code HiveMq FOLDER [DENIED_FILTER...]}.
 *
 * <p>The folder has {@code conf/config.xml} and gets what the broker keeps. Nobody may subscribe to
 * or publish to the denied filters. It says "ready" when it can be connected to, and ends in order
 * on SIGTERM.
 */
public final class HiveMq {

  public static void main(String[] arguments) throws Exception {
    final Path folder = Path.of(arguments[0]);
    final List<String> denied = List.of(arguments).subList(1, arguments.length);
    final EmbeddedHiveMQ broker =
        EmbeddedHiveMQ.builder()
            .withConfigurationFolder(folder.resolve("conf"))
            .withDataFolder(folder.resolve("data"))
            .withExtensionsFolder(folder.resolve("extensions"))
            .withEmbeddedExtension(extension(denied))
            .build();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> broker.stop().join()));
    broker.start().join();
    System.out.println("ready");
    Thread.currentThread().join();
  }

  private static EmbeddedExtension extension(List<String> denied) {
    return EmbeddedExtension.builder()
        .withId("access")
        .withName("Access")
        .withVersion("1")
        .withExtensionMain(new Access(denied))
        .build();
  }

  /** Lets everybody in, and denies what is in the list. */
  private static final class Access implements ExtensionMain {
    private final List<String> denied;

    Access(List<String> denied) {
      this.denied = denied;
    }

    @Override
    public void extensionStart(ExtensionStartInput input, ExtensionStartOutput output) {
      Services.securityRegistry()
          .setAuthenticatorProvider(
              ignored ->
                  (SimpleAuthenticator)
                      (in, out) -> {
                        permit(out.getDefaultPermissions());
                        out.authenticateSuccessfully();
                      });
    }

    private void permit(ModifiableDefaultPermissions permissions) {
      for (final String filter : denied) {
        permissions.add(permission(filter, TopicPermission.PermissionType.DENY));
      }
      permissions.add(permission("#", TopicPermission.PermissionType.ALLOW));
    }

    private static TopicPermission permission(String filter, TopicPermission.PermissionType type) {
      return Builders.topicPermission().topicFilter(filter).type(type).build();
    }

    @Override
    public void extensionStop(ExtensionStopInput input, ExtensionStopOutput output) {}
  }
}
