# SPDX-License-Identifier: Apache-2.0
"""What the chart makes of values that are unusual, which it refuses, and what its page says of them."""

import json
import re
import shutil
import tempfile
import unittest
from pathlib import Path

from manifests import (CHART, KUBERNETES, conf_of, container_of, find, helm, options_in, output,
                       pod_of, read, tool)

BROKER = {"mqtt_hostname": "mqtt.example.com"}


def service(more=None, **options):
    return {**(more or {}), "options": {**BROKER, **options}}


def sidecar(more=None, **options):
    return service({"mode": "sidecar", **(more or {})}, **options)


# (values, what is said of them)
WRONG = [
    ({}, "options.mqtt_hostname is missing"),
    (service({"replicas": 2}), "replicas: Must be less than or equal to 1"),
    (service({"replica": 1}), "Additional property replica is not allowed"),
    (service({"mode": "deployment"}), "mode must be one of"),
    (service({"resources": {"limit": {"memory": "1Gi"}}}),
     "resources: Additional property limit is not allowed"),
    (service({"imagePullSecrets": [{"secret": "registry"}]}), "imagePullSecrets.0"),
    (service({"persistence": {"size": "2 GB"}}), "persistence.size"),
    (service(mqtt_hostnam="x"), "options: Additional property mqtt_hostnam is not allowed"),
    (service(mqtt_password="x"), "options: Additional property mqtt_password is not allowed"),
    (service(mqtt_port="1883"), "options.mqtt_port: Invalid type"),
    (service(shutdown_grace="5"), "options.shutdown_grace"),
    (service(uplink_log_bytes="64 megabytes"), "options.uplink_log_bytes"),
    (service(unix_socket_mode=660), "options.unix_socket_mode"),
    (service({"persistence": {"enabled": False}}, uplink_max_bytes="1GiB"),
     "options.uplink_max_bytes is about a state"),
    (service({"tls": {"clientCa": {"existingSecret": "ca"}}}), "needs tls.server"),
    # Taken by the service, and no good in a pod of its own.
    (service(listen="unix:/run/wirepas-grpcd/s"), "options.listen has no address that is reached"),
    (service(listen=["127.0.0.1:50051", "localhost:1", "[::1]:50051"]),
     "options.listen has no address that is reached"),
    (service(metrics_listen="127.0.0.1:9100"), "options.metrics_listen is not reached"),
    (service(metrics_listen="[::1]:9100"), "options.metrics_listen is not reached"),
    (service(metrics_listen="localhost:9100"), "options.metrics_listen is not reached"),
    (service(listen="0.0.0.0:0"), "options.listen: 0.0.0.0:0 has port 0"),
    (service(metrics_listen="0.0.0.0:0"), "options.metrics_listen has port 0"),
    (service(listen="0.0.0.0:9100"), "have the same port, 9100"),
    (sidecar(listen="127.0.0.1:0"), "127.0.0.1:0 has port 0"),
    (sidecar(metrics_listen="0.0.0.0:50051"), "have the same port, 50051"),
    # Of the other mode.
    (sidecar({"tls": {"server": {"existingSecret": "tls"}}}), "for the mode service"),
    (sidecar(tls_cert="/a", tls_key="/b"), "for the mode service"),
    (sidecar({"monitoring": {"serviceMonitor": {"enabled": True}}}), "for the mode service"),
    (sidecar({"probes": {"readiness": "broker"}}), "for the mode service"),
    (service({"sidecar": {"state": True}}), "for the mode sidecar"),
]


class ValuesTest(unittest.TestCase):

    def stateful_set(self, values):
        return find(read(output(helm(values))), "StatefulSet")

    def test_wrong_values_are_refused(self):
        for values, message in WRONG:
            with self.subTest(json.dumps(values)):
                done = helm(values)
                self.assertNotEqual(done.returncode, 0)
                self.assertIn(message, done.stderr)

    def test_blanks_between_addresses_do_not_matter(self):
        values = service(listen="127.0.0.1:7, unix:/run/wirepas-grpcd/s , 0.0.0.0:6000")
        container = container_of(pod_of(self.stateful_set(values)))
        self.assertEqual(container["ports"][0]["containerPort"], 6000)
        self.assertIn("wirepas-grpc-socket", [each["name"] for each in container["volumeMounts"]])

    def test_the_pod_has_the_time_that_a_stop_takes(self):
        for options, seconds in (({}, 13), ({"shutdown_grace": "1m30.5s"}, 99),
                                 ({"shutdown_grace": "500ms"}, 9)):
            pod = pod_of(self.stateful_set(service(**options)))
            self.assertEqual(pod["terminationGracePeriodSeconds"], seconds)

    def test_the_socket_of_a_sidecar_is_for_every_user(self):
        def mode(**options):
            return options_in(conf_of(read(output(helm(sidecar(**options)))))).get(
                "unix_socket_mode")
        self.assertEqual(mode(), '"0666"')
        self.assertEqual(mode(listen="unix:/run/wirepas-grpcd/other"), '"0666"')
        self.assertEqual(mode(unix_socket_mode="0660"), '"0660"')
        # The service takes no mode without a socket.
        self.assertIsNone(mode(listen="127.0.0.1:6000"))

    def test_texts_that_yaml_takes_for_something_else_stay_texts(self):
        def secret(key):
            return {"existingSecret": "123", "key": key}
        values = service({
            "fullnameOverride": "on", "priorityClassName": "1", "serviceAccount": {"name": "123"},
            "image": {"repository": "123", "tag": "45"},
            "persistence": {"storageClassName": "1", "size": "2000000000"},
            "broker": {"password": secret("yes"), "ca": secret("y"),
                       "clientCertificate": {"existingSecret": "1e3"}},
            "tls": {"server": {"existingSecret": "0x1"}, "clientCa": secret("1.0")}})
        text = output(tool("helm", "template", "123", CHART, "--values", "-",
                           text=json.dumps(values)))
        objects = read(text)
        found = find(objects, "StatefulSet", "on")
        self.assertEqual(found["spec"]["selector"]["matchLabels"]["app.kubernetes.io/instance"], "123")
        pod = pod_of(found)
        self.assertEqual(pod["priorityClassName"], "1")
        self.assertEqual(container_of(pod)["image"], "123:45")
        secrets = [each["secret"] for each in pod["volumes"][0]["projected"]["sources"][1:]]
        self.assertEqual([each["name"] for each in secrets], ["123", "123", "1e3", "0x1", "123"])
        self.assertEqual([secrets[number]["items"][0]["key"] for number in (0, 1, 4)],
                         ["yes", "y", "1.0"])
        claim = find(read(text), "StatefulSet")["spec"]["volumeClaimTemplates"][0]["spec"]
        self.assertEqual(claim["storageClassName"], "1")
        values["persistence"] = {"existingClaim": "123"}
        self.assertEqual(pod_of(self.stateful_set(values))["volumes"][-1]["persistentVolumeClaim"],
                         {"claimName": "123"})

    def test_every_release_gives_names_that_a_service_may_have(self):
        for release, name in (("a", "a-wirepas-grpc"), ("my-wirepas-grpc", "my-wirepas-grpc"),
                              ("a.b", "a-b-wirepas-grpc"), ("123", "wirepas-grpc-123"),
                              ("1" * 53, "wirepas-grpc-" + "1" * 39),
                              ("a" * 53, "a" * 39 + "-wirepas-grpc")):
            objects = read(output(tool("helm", "template", release, CHART, "--set",
                                       "options.mqtt_hostname=broker")))
            names = {each["metadata"]["name"] for each in objects}
            self.assertEqual(names, {name, f"{name}-headless"})

    def test_a_label_that_is_given_twice_is_there_once(self):
        twice, instance = {"team": "own"}, "app.kubernetes.io/instance"
        objects = read(output(helm(service({
            "commonLabels": {"team": "all", instance: "other", "app.kubernetes.io/part-of": "mine"},
            "commonAnnotations": twice, "podAnnotations": twice, "podLabels": twice,
            "service": {"labels": twice, "annotations": twice},
            "serviceAccount": {"annotations": twice},
            "monitoring": {"serviceMonitor": {"enabled": True, "labels": twice},
                           "prometheusRule": {"enabled": True, "labels": twice},
                           "dashboard": {"enabled": True, "labels": twice}}}))))
        found = find(objects, "StatefulSet")
        own = [find(objects, kind)["metadata"] for kind in ("ServiceMonitor", "PrometheusRule")]
        own += [find(objects, "Service", "wirepas-grpc")["metadata"],
                find(objects, "ConfigMap", "wirepas-grpc-dashboard")["metadata"],
                found["spec"]["template"]["metadata"]]
        self.assertEqual({each["labels"]["team"] for each in own}, {"own"})
        self.assertEqual(found["metadata"]["labels"]["team"], "all")
        self.assertEqual(found["metadata"]["labels"]["app.kubernetes.io/part-of"], "mine")
        for each in objects:  # what pods are selected by stays
            self.assertEqual(each["metadata"]["labels"][instance], "wirepas-grpc")
        self.assertEqual(found["spec"]["template"]["metadata"]["labels"][instance], "wirepas-grpc")


class StatePodTest(unittest.TestCase):

    def test_it_has_the_state_as_the_service_has_it(self):
        [pod] = read((KUBERNETES / "state-pod.yaml").read_text(encoding="utf-8"))
        objects = read(output(helm(service())))
        found = find(objects, "StatefulSet")
        [claim] = found["spec"]["volumeClaimTemplates"]
        self.assertEqual(pod["spec"]["volumes"][0]["persistentVolumeClaim"]["claimName"],
                         f"{claim['metadata']['name']}-{found['metadata']['name']}-0")
        self.assertEqual(pod["spec"]["securityContext"], pod_of(found)["securityContext"])
        mounts = {each["name"]: each["mountPath"]
                  for each in container_of(pod_of(found))["volumeMounts"]}
        [mount] = pod["spec"]["containers"][0]["volumeMounts"]
        self.assertEqual(mount["mountPath"], mounts[claim["metadata"]["name"]])
        page = (KUBERNETES / "README.md").read_text(encoding="utf-8")
        state = options_in(conf_of(objects))["state_dir"].strip('"')
        self.assertIn(f"touch {state}/restored\n", page)


class PageTest(unittest.TestCase):
    """README.md of the chart."""

    PAGE = (CHART / "README.md").read_text(encoding="utf-8")

    def test_the_limit_of_memory_is_above_what_the_options_allow(self):
        rows = re.findall(r"^\| [^|]* \| (\d+) MiB \|$", self.PAGE, re.MULTILINE)
        self.assertGreater(len(rows), 3)
        container = container_of(pod_of(find(read(output(helm(service()))), "StatefulSet")))
        self.assertEqual(container["resources"]["limits"]["memory"], "1Gi")
        self.assertLess(sum(map(int, rows)), 1024)
        self.assertIn(f"These are {sum(map(int, rows))} MiB", self.PAGE)

    def app(self, snippet, values):
        """A pod of a chart that has this one as a dependency and what the page says in its pod."""
        for head, more in (("metadata:", "name: app"),
                           ("spec:", "securityContext: {runAsNonRoot: true, seccompProfile: "
                                     "{type: RuntimeDefault}}\n  containers: [{name: app, image: "
                                     "app:1, securityContext: {allowPrivilegeEscalation: false, "
                                     "capabilities: {drop: [ALL]}}}]")):
            snippet = snippet.replace(f"\n{head}\n", f"\n{head}\n  {more}\n")
        with tempfile.TemporaryDirectory(prefix="wirepas-") as name:
            folder = Path(name)
            shutil.copytree(CHART, folder / "charts" / CHART.name)
            (folder / "templates").mkdir()
            (folder / "templates" / "pod.yaml").write_text(
                f"apiVersion: v1\nkind: Pod\n{snippet}", encoding="utf-8")
            (folder / "Chart.yaml").write_text(
                "apiVersion: v2\nname: app\nversion: 1.0.0\n"
                f"dependencies: [{{name: {CHART.name}, version: '*'}}]\n", encoding="utf-8")
            return read(output(tool("helm", "template", "app", folder, "--values", "-",
                                    text=json.dumps({CHART.name: values}))))

    def test_the_sidecar_of_another_chart(self):
        [snippet] = re.findall(r"^```yaml\n({{- \$service .*?)^```", self.PAGE,
                               re.MULTILINE | re.DOTALL)
        checksums = []
        for options in ({}, {"log_level": "debug"}):
            objects = self.app(snippet, sidecar({"sidecar": {"state": True}}, **options))
            pod = find(objects, "Pod")
            container = container_of(pod["spec"])
            self.assertEqual([each["name"] for each in pod["spec"]["initContainers"]],
                             ["wirepas-grpcd"])
            self.assertEqual(container["restartPolicy"], "Always")
            self.assertIn({"name": "wirepas-grpc-state", "mountPath": "/var/lib/wirepas-grpcd"},
                          container["volumeMounts"])
            volumes = {each["name"]: each for each in pod["spec"]["volumes"]}
            self.assertEqual(set(volumes), {each["name"] for each in container["volumeMounts"]})
            self.assertEqual(volumes["wirepas-grpc-state"]["emptyDir"], {"sizeLimit": "2Gi"})
            config = volumes["wirepas-grpc-config"]["projected"]["sources"][0]["configMap"]
            self.assertEqual(find(objects, "ConfigMap")["metadata"]["name"], config["name"])
            self.assertEqual(options_in(conf_of(objects))["mqtt_persist_session"], "false")
            checksums.append(pod["metadata"]["annotations"]["wirepas-grpc.io/config-checksum"])
        self.assertNotEqual(*checksums)

    def test_the_metrics_of_a_sidecar(self):
        [monitor] = re.findall(r"^```yaml\n(apiVersion: monitoring.*?)^```", self.PAGE,
                               re.MULTILINE | re.DOTALL)
        [monitor] = read(monitor)
        self.assertEqual(monitor["kind"], "PodMonitor")
        [snippet] = re.findall(r"^```yaml\n({{- \$service .*?)^```", self.PAGE,
                               re.MULTILINE | re.DOTALL)
        pod = find(self.app(snippet, sidecar(metrics_listen="0.0.0.0:9100")), "Pod")
        ports = {each["name"]: each["containerPort"] for each in container_of(pod["spec"])["ports"]}
        self.assertEqual(ports, {monitor["spec"]["podMetricsEndpoints"][0]["port"]: 9100})
        self.assertRegex(monitor["metadata"]["name"], "wirepas")  # for the rules


if __name__ == "__main__":
    unittest.main()
