# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What the scripts in this folder have in common. deploy/release runs each in a copy of what is
# committed, with RELEASE_SOURCE (that copy), RELEASE_OUT (where artefacts go), RELEASE_SCRATCH,
# RELEASE_TOOLS (build/tools of the clone), VERSION, REVISION (the commit) and SOURCE_DATE_EPOCH.
set -euo pipefail

# need PROGRAM...: or says how to get it.
need() {
  local program
  for program in "$@"; do
    command -v "$program" >/dev/null || {
      printf '%s is not there: deploy/install-deps --release --clients installs it\n' "$program" >&2
      exit 1
    }
  done
}

# pack ARCHIVE FOLDER NAME...: a .tar.gz of these in the folder, the same whoever packs it and when.
pack() {
  local archive=$1 folder=$2
  shift 2
  tar -C "$folder" -c --format=ustar --sort=name --mtime="@$SOURCE_DATE_EPOCH" \
    --owner=0 --group=0 --numeric-owner --mode='u=rwX,go=rX' -- "$@" | gzip -9n >"$archive"
}
