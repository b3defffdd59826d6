# SPDX-License-Identifier: Apache-2.0
"""The manifests of deploy/kubernetes are those of the chart, are well-formed and restricted, and the
service takes the options in them."""

import json
import os
import re
import shutil
import tempfile
import unittest
from pathlib import Path

import options_schema
from manifests import (CHART, CONF, KUBERNETES, ROOT, Service, conf_of, container_of, find, helm,
                       kustomize, options_in, output, pod_of, read, run, tool)
from stack import find_program

BROKER = {"mqtt_hostname": "mqtt.example.com"}
EVERYTHING = {
    "commonLabels": {"team": "mesh"}, "commonAnnotations": {"example.com/owner": "mesh"},
    "image": {"repository": "registry.example.com/wirepas-grpc", "digest": "sha256:" + "0" * 64},
    "imagePullSecrets": [{"name": "registry"}],
    "options": {**BROKER, "mqtt_username": "backend", "mqtt_version": 5, "mqtt_port": 8884,
                "mqtt_ciphers": 'ECDHE+AESGCM:"\\é<>&', "listen": ["[::]:6000", "unix:/run/wirepas-grpcd/s"],
                "metrics_listen": "[::]:9200", "max_streams": 1000000, "reflection": False,
                "shutdown_grace": "1m30.5s", "uplink_log_bytes": 134217728,
                "uplink_max_bytes": "2GiB", "unix_socket_mode": "0660"},
    "broker": {"password": {"existingSecret": "broker"}, "ca": {"existingSecret": "broker-ca"},
               "clientCertificate": {"existingSecret": "broker-client"}},
    "tls": {"server": {"existingSecret": "server"}, "clientCa": {"existingSecret": "client-ca"}},
    "persistence": {"size": "4Gi", "storageClassName": "fast", "annotations": {"a": "b"}},
    "service": {"type": "LoadBalancer", "port": 443, "annotations": {"a": "b"},
                "labels": {"c": "d"}},
    "probes": {"readiness": "broker"},
    "podDisruptionBudget": {"maxUnavailable": 0},
    "networkPolicy": {
        "clientPeers": [{"namespaceSelector": {"matchLabels": {"a": "b"}}}],
        "brokerPeers": [{"ipBlock": {"cidr": "192.0.2.0/24"}}]},
    "serviceAccount": {"name": "mesh", "annotations": {"a": "b"}},
    "monitoring": {
        "serviceMonitor": {"enabled": True, "labels": {"release": "prometheus"}},
        "prometheusRule": {"enabled": True, "labels": {"release": "prometheus"}},
        "dashboard": {"enabled": True, "annotations": {"grafana_folder": "Mesh"}}},
    "podLabels": {"a": "b"}, "podAnnotations": {"a": "b"}, "nodeSelector": {"disk": "ssd"},
    "affinity": {"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [
        {"weight": 1, "preference": {"matchExpressions": [
            {"key": "disk", "operator": "Exists"}]}}]}},
    "tolerations": [{"operator": "Exists"}],
    "topologySpreadConstraints": [{"maxSkew": 1, "topologyKey": "zone",
                                   "whenUnsatisfiable": "ScheduleAnyway",
                                   "labelSelector": {"matchLabels": {"a": "b"}}}],
    "priorityClassName": "high", "extraArgs": ["--log_level", "debug"],
    "extraEnv": [{"name": "TZ", "value": "UTC"}],
    "extraVolumes": [{"name": "more", "emptyDir": {}}],
    "extraVolumeMounts": [{"name": "more", "mountPath": "/more"}],
}
# By name; each is rendered, checked, and its options are given to the service.
VALUES = {
    "as it comes": {"options": BROKER},
    "everything": {**EVERYTHING, "options": {
        name: value for name, value in EVERYTHING["options"].items()
        # There is no such cipher.
        if name != "mqtt_ciphers"}},
    "without TLS": {"options": {**BROKER, "mqtt_force_unsecure": True, "log_format": "human"}},
    "in memory": {"options": BROKER, "persistence": {"enabled": False}},
    "existing claim": {"options": BROKER, "persistence": {"existingClaim": "old"}},
    "nothing around it": {
        "options": BROKER, "replicas": 0, "serviceAccount": {"create": False},
        "networkPolicy": {"enabled": False}, "podDisruptionBudget": {"enabled": False}},
    "sidecar": {"mode": "sidecar", "options": BROKER},
    "sidecar with state": {"mode": "sidecar", "options": BROKER, "sidecar": {"state": True}},
}


def service_values(**more):
    return {"options": BROKER, **more}


class ChartTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="wirepas-")
        cls.addClassCleanup(folder.cleanup)
        cls.service = Service(folder.name)

    def test_values_make_good_manifests_with_options_that_the_service_takes(self):
        for name, values in VALUES.items():
            with self.subTest(name):
                objects = read(output(helm(values)))
                self.service.check(conf_of(objects))

    def test_lint(self):
        output(tool("helm", "lint", "--strict", CHART, "--values", "-",
                    text=json.dumps(EVERYTHING)))

    def test_schema_has_the_options_of_the_service(self):
        self.assertEqual(options_schema.in_schema(), options_schema.option_schemas(),
                         "run tests/kubernetes/options_schema.py")

    def test_options_are_written_as_they_were_given(self):
        options = options_in(conf_of(read(output(helm(EVERYTHING)))))
        self.assertEqual(options["max_streams"], "1000000")
        self.assertEqual(options["reflection"], "false")
        self.assertEqual(options["mqtt_ciphers"], '"ECDHE+AESGCM:\\"\\\\é<>&"')
        self.assertEqual(options["unix_socket_mode"], '"0660"')
        self.assertEqual(options["listen"], '["[::]:6000","unix:/run/wirepas-grpcd/s"]')

    def test_ports_follow_from_the_options(self):
        objects = read(output(helm(EVERYTHING)))
        container = container_of(pod_of(find(objects, "StatefulSet")))
        self.assertEqual({each["name"]: each["containerPort"] for each in container["ports"]},
                         {"grpc": 6000, "metrics": 9200})
        policy = find(objects, "NetworkPolicy")["spec"]
        self.assertEqual([rule["ports"][0]["port"] for rule in policy["ingress"]], [6000, 9200])
        self.assertEqual(policy["egress"][0]["ports"][0]["port"], 8884)
        plain = read(output(helm({"options": {**BROKER, "mqtt_force_unsecure": True}})))
        self.assertEqual(
            find(plain, "NetworkPolicy")["spec"]["egress"][0]["ports"][0]["port"], 1883)

    def test_a_unix_socket_has_a_folder(self):
        pod = pod_of(find(read(output(helm(EVERYTHING))), "StatefulSet"))
        mounts = {each["name"]: each["mountPath"] for each in container_of(pod)["volumeMounts"]}
        self.assertEqual(mounts["wirepas-grpc-socket"], "/run/wirepas-grpcd")
        self.assertIn("wirepas-grpc-socket", [each["name"] for each in pod["volumes"]])

    def test_the_protocol_is_named_as_it_is(self):
        for objects, protocol in ((read(output(helm(service_values()))), "kubernetes.io/h2c"),
                                  (read(output(helm(EVERYTHING))), None),
                                  (read(kustomize(KUBERNETES / "overlays/tls")), None)):
            port = find(objects, "Service", "wirepas-grpc")["spec"]["ports"][0]
            self.assertEqual(port.get("appProtocol"), protocol)

    def test_a_change_of_an_option_rolls_the_pod(self):
        def checksum(values):
            template = find(read(output(helm(values))), "StatefulSet")["spec"]["template"]
            return template["metadata"]["annotations"]["wirepas-grpc.io/config-checksum"]
        before = checksum(service_values())
        self.assertEqual(before, checksum(service_values(podLabels={"a": "b"})))
        self.assertNotEqual(before, checksum({"options": {**BROKER, "max_streams": 10}}))

    def test_no_password_is_in_the_configuration_or_the_environment(self):
        objects = read(output(helm(EVERYTHING)))
        options = options_in(conf_of(objects))
        self.assertEqual(options["mqtt_password_file"],
                         '"/etc/wirepas-grpc/secrets/broker-password/password"')
        self.assertNotIn("mqtt_password", options)
        self.assertNotIn("secretKeyRef", json.dumps(objects))

    def test_probes_do_not_ask_for_the_broker(self):
        container = container_of(pod_of(find(read(output(helm(service_values()))), "StatefulSet")))
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            self.assertEqual(container[probe]["httpGet"]["path"], "/livez")
        container = container_of(pod_of(find(read(output(helm(EVERYTHING))), "StatefulSet")))
        self.assertEqual(container["livenessProbe"]["httpGet"]["path"], "/livez")
        self.assertEqual(container["readinessProbe"]["httpGet"]["path"], "/readyz")


class KustomizeTest(unittest.TestCase):

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="wirepas-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def overlay(self, objects=(), **content):
        """What kustomize makes of an overlay, whose paths are those of deploy/kubernetes."""
        folder = self.folder / "overlay"
        folder.mkdir(exist_ok=True)
        for key in ("resources", "components"):
            content[key] = [os.path.relpath(KUBERNETES / path, folder)
                            for path in content.get(key, [])]
        if objects:
            (folder / "objects.yaml").write_text("\n---\n".join(map(json.dumps, objects)))
            content["resources"].append("objects.yaml")
        (folder / "kustomization.yaml").write_text(json.dumps(content))
        return read(kustomize(folder))

    def test_what_is_there_is_rendered_of_the_chart(self):
        output(run(KUBERNETES / "render", "--check"))

    def test_what_is_rendered_no_longer_is_found(self):
        deploy = self.folder / "deploy"
        for name in ("helm", "kubernetes", "prometheus", "grafana"):
            shutil.copytree(ROOT / "deploy" / name, deploy / name)
        (self.folder / "build").symlink_to(ROOT / "build")
        old = deploy / "kubernetes/base/old.yaml"
        old.write_text((KUBERNETES / "base/service.yaml").read_text("utf-8"), encoding="utf-8")
        rules = deploy / "helm/wirepas-grpc/files/old.yaml"
        rules.write_text("groups: []\n", encoding="utf-8")
        own = deploy / "kubernetes/base/own.yaml"
        own.write_text("# Not made by render.\n", encoding="utf-8")
        render = deploy / "kubernetes/render"
        done = run(render, "--check")
        self.assertEqual(done.returncode, 1)
        self.assertIn("old.yaml is rendered no longer", done.stdout)
        output(run(render))
        output(run(render, "--check"))
        self.assertEqual([each.exists() for each in (old, rules, own)], [False, False, True])

    def test_the_overlay_with_tls_is_what_the_chart_makes(self):
        mine = read(kustomize(KUBERNETES / "overlays/tls"))
        chart = read(output(helm({
            "options": {**BROKER, "log_format": "json"},
            "broker": {"ca": {"existingSecret": "wirepas-grpc-broker-ca"},
                       "clientCertificate": {"existingSecret": "wirepas-grpc-broker-client"}},
            "tls": {"server": {"existingSecret": "wirepas-grpc-server-tls"},
                    "clientCa": {"existingSecret": "wirepas-grpc-client-ca"}}})))
        self.assertEqual(options_in(conf_of(mine)), options_in(conf_of(chart)))

        def secrets(objects):
            pod = pod_of(find(objects, "StatefulSet"))
            sources = [each["secret"] for each in pod["volumes"][0]["projected"]["sources"][1:]]
            return pod, sorted((each for each in sources if not each.pop("optional", False)),
                               key=lambda each: each["name"])
        (pod, found), (expected, wanted) = secrets(mine), secrets(chart)
        self.assertEqual(found, wanted)
        for each in (pod, expected):
            del each["volumes"]
        self.assertEqual(pod, expected)
        for name in ("wirepas-grpc", "wirepas-grpc-headless"):
            self.assertEqual(find(mine, "Service", name)["spec"], find(chart, "Service", name)["spec"])
        self.assertEqual(find(mine, "NetworkPolicy")["spec"], find(chart, "NetworkPolicy")["spec"])

    def test_base_and_overlays_are_good_and_the_service_takes_their_options(self):
        service = Service(self.folder)
        for name in ("base", "overlays/example", "overlays/tls"):
            with self.subTest(name):
                service.check(conf_of(read(kustomize(KUBERNETES / name))))
        service.check((KUBERNETES / "components/sidecar" / CONF).read_text(encoding="utf-8"))

    def test_an_option_of_the_overlay_rolls_the_pod(self):
        def config(conf):
            (self.folder / "overlay").mkdir(exist_ok=True)
            (self.folder / "overlay" / CONF).write_text(conf)
            objects = self.overlay(resources=["base"], configMapGenerator=[
                {"name": "wirepas-grpc", "behavior": "replace", "files": [CONF]}])
            volume = pod_of(find(objects, "StatefulSet"))["volumes"][0]
            name = volume["projected"]["sources"][0]["configMap"]["name"]
            self.assertEqual(find(objects, "ConfigMap")["metadata"]["name"], name)
            return name
        self.assertNotEqual(config("log_level = \"info\"\n"), config("log_level = \"debug\"\n"))

    def test_monitoring_goes_with_the_base(self):
        objects = self.overlay(resources=["base"], components=["components/monitoring"],
                               namespace="mesh")
        monitor = find(objects, "ServiceMonitor")["spec"]
        services = [each for each in objects if each["kind"] == "Service"
                    and monitor["selector"]["matchLabels"].items()
                    <= each["metadata"]["labels"].items()
                    and monitor["endpoints"][0]["port"]
                    in [port["name"] for port in each["spec"]["ports"]]]
        # Once, not by each Service that leads to the pod; and the rules look for the job's name.
        self.assertEqual(len(services), 1)
        self.assertRegex(services[0]["metadata"]["labels"][monitor["jobLabel"]], "wirepas")

    def test_rules_and_dashboard_are_those_that_are_there(self):
        text = (KUBERNETES / "components/monitoring/monitoring.yaml").read_text(encoding="utf-8")
        rules = re.search(r"^spec:\n((?:  .*\n|\n)*?  groups:\n(?:  .*\n|\n)*)", text, re.MULTILINE)
        rules = re.sub(r"^  ", "", rules[1], flags=re.MULTILINE)
        self.assertEqual(rules.strip(),
                         (ROOT / "deploy/prometheus/alerts.yaml").read_text("utf-8").strip())
        path = self.folder / "rules.yaml"
        path.write_text(rules, encoding="utf-8")
        output(run(find_program("promtool"), "check", "rules", path))
        dashboard = find(read(text), "ConfigMap")["data"]["wirepas-grpc.json"]
        self.assertEqual(dashboard.strip(),
                         (ROOT / "deploy/grafana/dashboard.json").read_text("utf-8").strip())

    def workload(self, kind, labels):
        pod = {"initContainers": [{"name": "prepare", "image": "app:1"}],
               "containers": [{"name": "app", "image": "app:1"}],
               "volumes": [{"name": "data", "emptyDir": {}}],
               "securityContext": {"runAsNonRoot": True,
                                   "seccompProfile": {"type": "RuntimeDefault"}}}
        for each in pod["initContainers"] + pod["containers"]:
            each["securityContext"] = {"allowPrivilegeEscalation": False,
                                       "capabilities": {"drop": ["ALL"]}}
        spec = {"template": {"metadata": {"labels": {"app": "app"}}, "spec": pod}}
        batch = kind in ("Job", "CronJob")
        if batch:
            pod["restartPolicy"] = "Never"
        else:
            spec["selector"] = {"matchLabels": {"app": "app"}}
        if kind == "CronJob":
            spec = {"schedule": "@daily", "jobTemplate": {"spec": spec}}
        return {"apiVersion": "batch/v1" if batch else "apps/v1", "kind": kind,
                "metadata": {"name": f"app-{kind.lower()}", "labels": labels}, "spec": spec}

    def test_the_sidecar_comes_first_into_what_has_the_label(self):
        kinds = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob")
        labels = {"wirepas-grpc.io/sidecar": "true"}
        others = self.workload("Deployment", {"wirepas-grpc.io/sidecar": "false"})
        others["metadata"]["name"] = "other"
        (self.folder / "overlay").mkdir()
        (self.folder / "overlay" / CONF).write_text("log_level = \"info\"\n")
        objects = self.overlay(
            [*(self.workload(kind, labels) for kind in kinds), others,
             {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "app", "labels": labels},
              "spec": {"ports": [{"port": 80}]}}],
            components=["components/sidecar"],
            configMapGenerator=[{"name": "wirepas-grpc-sidecar", "files": [CONF]}],
            secretGenerator=[{"name": "wirepas-grpc-broker", "literals": ["password=secret"]}])
        names = {kind: find(objects, kind)["metadata"]["name"] for kind in ("ConfigMap", "Secret")}
        for kind in kinds:
            pod = pod_of(find(objects, kind, f"app-{kind.lower()}"))
            # Before what the app does first, which may need it.
            self.assertEqual([each["name"] for each in pod["initContainers"]],
                             ["wirepas-grpcd", "prepare"])
            self.assertEqual(pod["initContainers"][0]["restartPolicy"], "Always")
            self.assertEqual([each["name"] for each in pod["containers"]], ["app"])
            volumes = {each["name"]: each for each in pod["volumes"]}
            self.assertEqual(set(volumes), {"wirepas-grpc-config", "wirepas-grpc-socket", "data"})
            sources = volumes["wirepas-grpc-config"]["projected"]["sources"]
            self.assertEqual(sources[0]["configMap"]["name"], names["ConfigMap"])
            self.assertEqual(sources[1]["secret"]["name"], names["Secret"])
        self.assertEqual(len(pod_of(find(objects, "Deployment", "other"))["initContainers"]), 1)
        self.assertEqual(set(find(objects, "Service")["spec"]), {"ports"})

    def test_kustomizations_of_the_page_do_what_it_says(self):
        page = (KUBERNETES / "README.md").read_text(encoding="utf-8")
        blocks = re.findall(r"^```yaml\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
        folder = self.folder / "overlay"
        here = os.path.relpath(KUBERNETES, folder)
        whole = [each.replace("../wirepas-grpc/deploy/kubernetes", here)
                 for each in blocks if each.startswith("apiVersion: kustomize")]
        patches = [each for each in blocks if each.startswith("patches:")]
        self.assertEqual((len(whole), len(patches)), (2, 3))
        folder.mkdir()
        (folder / "mqtt-password").write_text("secret\n")
        (folder / CONF).write_text('mqtt_hostname = "broker"\n')
        (folder / "app.yaml").write_text(json.dumps(
            self.workload("Deployment", {"wirepas-grpc.io/sidecar": "true"})))

        def build(kustomization):
            (folder / "kustomization.yaml").write_text(kustomization)
            return read(kustomize(folder))

        pod = pod_of(find(build(whole[0] + patches[0]), "Deployment"))
        container = container_of(pod)
        self.assertEqual(container["image"].split(":")[0], "registry.example.com/wirepas-grpc")
        self.assertIn({"name": "wirepas-grpc-state", "mountPath": "/var/lib/wirepas-grpcd"},
                      container["volumeMounts"])
        self.assertIn("wirepas-grpc-state", [each["name"] for each in pod["volumes"]])
        objects = build(whole[1] + patches[1] + patches[2].removeprefix("patches:\n"))
        find(objects, "PrometheusRule")
        sources = pod_of(find(objects, "StatefulSet"))["volumes"][0]["projected"]["sources"]
        self.assertEqual(sources[1]["secret"]["name"], find(objects, "Secret")["metadata"]["name"])
        policy = find(objects, "NetworkPolicy")["spec"]
        self.assertEqual(policy["egress"][0]["ports"][0]["port"], 1883)
        found = find(objects, "StatefulSet")
        self.assertEqual(container_of(pod_of(found))["image"].split(":")[0],
                         "registry.example.com/wirepas-grpc")
        [claim] = found["spec"]["volumeClaimTemplates"]
        self.assertEqual(claim["spec"]["storageClassName"], "fast")

    def test_the_broker_of_the_example_is_for_its_namespace(self):
        policy = find(read(kustomize(KUBERNETES / "overlays/example")), "NetworkPolicy")["spec"]
        self.assertEqual(policy["ingress"], [
            {"from": [{"podSelector": {}}], "ports": [{"port": 1883, "protocol": "TCP"}]}])

    def test_the_probes_of_a_sidecar_ask_the_service_itself(self):
        objects = read(kustomize(KUBERNETES / "overlays/example"))
        container = container_of(pod_of(find(objects, "Job")))
        self.assertNotIn("ports", container)
        self.assertNotIn("readinessProbe", container)
        for probe in ("startupProbe", "livenessProbe"):
            command = container[probe]["exec"]["command"]
            self.assertEqual(command[:3], ["/usr/bin/wirepas-grpcd", "health", "--live"])
            self.assertIn(f'"{command[-1]}"', options_in(conf_of(objects))["listen"])


class CheckTest(unittest.TestCase):
    """The checks above find what they are for."""

    POD = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "pod"},
           "spec": {"containers": [{"name": "app", "image": "app:1"}]}}

    def test_wrong_manifests_are_found(self):
        for wrong, message in (
                (json.dumps(self.POD), "not restricted"),
                (json.dumps({**self.POD, "spce": {}}), 'unknown field "spce"'),
                (json.dumps({**self.POD, "kind": "Pud"}), 'no kind "Pud"'),
                ("apiVersion: v1\nkind: ConfigMap\ndata: {}\ndata: {}\n", "already set"),
                ("# nothing\n", "there is no document")):
            with self.subTest(message):
                done = tool("check", text=wrong)
                self.assertEqual(done.returncode, 1)
                self.assertIn(message, done.stderr)


if __name__ == "__main__":
    unittest.main()
