# SPDX-License-Identifier: Apache-2.0
"""The commands on the pages about Kubernetes, run by bash as they stand there, without a cluster: what
kubectl and helm make by themselves they make, and of the rest kubectl gets as far as asking a server."""

import re
import tempfile
import unittest
from pathlib import Path

from manifests import ROOT, TOOLS, run
from stack import find_program

PAGES = ("deploy/helm/wirepas-grpc/README.md", "deploy/kubernetes/README.md",
         "tests/kubernetes/README.md")
# In the place of the programs.
KUBECTL = """\
case " $* " in
  *" create namespace "* | *" create secret "*) exec "$REAL" "$@" --dry-run=client --output=yaml ;;
  *" apply -k "* | *" delete -k "*) exec "$REAL" kustomize "${@: -1}" ;;
esac
# Nobody is there; a command that is wrong in itself does not get that far.
told=$("$REAL" --server=http://127.0.0.1:1 "$@" 2>&1) && exit 1
[[ $told == *"127.0.0.1:1 was refused"* || $told == *"127.0.0.1:1: connect: "*refused* ]] && exit
printf '%s\\n' "$told" >&2
exit 1
"""
HELM = """\
words=()
for word in "$@"; do
  case $word in
    install | upgrade) words+=(template) ;;
    --reuse-values) words+=(--set options.mqtt_hostname=broker) ;;
    *) words+=("$word") ;;
  esac
done
exec "$REAL" "${words[@]}"
"""
# Takes its arguments, and finds no cluster.
RUN = 'unset KUBECONFIG; "$REAL" "$@"; [[ $? == 77 ]]\n'
IMAGES = '"$REAL" --help >/dev/null && [[ $# == 1 && $1 != -* ]]\n'
OTHERS = ("kind",)  # not of this tree, and not for a test to start


def commands(page):
    return re.findall(r"^```sh\n(.*?)^```", (ROOT / page).read_text(encoding="utf-8"),
                      re.MULTILINE | re.DOTALL)


class CommandsTest(unittest.TestCase):

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="wirepas-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        (self.folder / "deploy").symlink_to(ROOT / "deploy")
        (self.folder / "mqtt-password").write_text("secret\n", encoding="utf-8")
        self.put("bin/kubectl", KUBECTL, find_program("kubectl", TOOLS))
        self.put("bin/helm", HELM, find_program("helm", TOOLS))
        for name, script in (("run", RUN), ("images", IMAGES)):
            self.put(f"tests/kubernetes/{name}", script, ROOT / "tests/kubernetes" / name)
        for name in OTHERS:
            self.put(f"bin/{name}", "", name)

    def put(self, name, script, real):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/usr/bin/env bash\nREAL={real}\n{script}", encoding="utf-8")
        path.chmod(0o755)

    def run_block(self, block):
        return run("bash", "-c", f'cd -- "{self.folder}"; PATH="$PWD/bin:$PATH"; '
                                 f'unset KUBECONFIG; set -euo pipefail\n{block}')

    def test_they_can_be_run(self):
        for page in PAGES:
            found = commands(page)
            self.assertTrue(found, page)
            for block in found:
                with self.subTest(page=page, block=block):
                    done = self.run_block(block)
                    self.assertEqual(done.returncode, 0, done.stdout[-1000:] + done.stderr)

    def test_what_is_wrong_is_found(self):
        for wrong in ("kubectl get pod --no-such-flag", "kubectl gut pod",
                      "kubectl apply -k deploy/no-such-folder",
                      "kubectl create secret generic a --from-file=no-such-file",
                      "helm install a deploy/helm/wirepas-grpc --set no=such",
                      "tests/kubernetes/run --no-such-flag"):
            with self.subTest(wrong):
                self.assertNotEqual(self.run_block(wrong).returncode, 0)


if __name__ == "__main__":
    unittest.main()
