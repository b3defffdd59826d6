# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# How the project's scripts tell what they do: a line a step, the noise in a log,
# the end of that log when the step fails. To be sourced by bash with errexit.

# step TEXT: what happens next.
step() {
  printf '==> %s\n' "$*"
}

# fail TEXT [LOG]: says what failed, shows the end of the log, ends the script.
fail() {
  printf '%s: %s\n' "$(basename "$0")" "$1" >&2
  if [[ -n "${2:-}" && -s "$2" ]]; then
    printf 'The last lines of its log (%s):\n' "$2" >&2
    tail -n 25 -- "$2" | sed 's/^/    /' >&2
  fi
  exit 1
}

# logged LOG COMMAND...: runs the command with its output in LOG (a new file). On
# a terminal the newest line of it is shown meanwhile.
logged() {
  local log=$1
  shift
  mkdir -p -- "$(dirname -- "$log")"
  if [[ ! -t 1 ]]; then
    "$@" </dev/null >"$log" 2>&1
    return
  fi
  local status=0 width line
  width=$(tput cols 2>/dev/null || echo 80)
  "$@" </dev/null 2>&1 | tee -- "$log" | while IFS= read -r line; do
    printf '\r\033[K%s' "${line:0:$((width - 1))}"
  done || status=$?
  printf '\r\033[K'
  return "$status"
}
