#!/usr/bin/env bash
# Checks the files of deploy/prometheus with promtool: the configuration, the rules, and the tests of the alerts.
# Uses the promtool of the machine. On Debian it fetches that of the package `prometheus` instead: the package is unpacked
# below artifacts and not installed, so this needs no root, and no Prometheus is started.
set -euo pipefail
cd "$(dirname "$0")/.."
. compose/engine.sh
say() { echo "alerts: $*" >&2; }
promtool=$PWD/artifacts/promtool

ensure_promtool() {
  if has promtool; then
    promtool=$(command -v promtool)
    return
  fi
  [ ! -x "$promtool" ] || return 0
  if ! { [ -e /etc/debian_version ] && has apt-get; } || ! fetch_promtool; then
    give_up "promtool is missing. Install Prometheus, whose packages and archives have it (https://prometheus.io/download), and try again."
  fi
}

# The lists of packages are fetched, too: those of the machine may be missing or old, and only root can renew them.
fetch_promtool() {
  local work
  work=$(mktemp -d "$state/prometheus.XXXXXX")
  say "fetching promtool"
  mkdir -p "$work/state/lists/partial" "$work/cache/archives/partial"
  local apt=(apt-get -o "Dir::State=$work/state" -o "Dir::Cache=$work/cache" -o APT::Sandbox::User=root)
  quietly "${apt[@]}" update && (cd "$work" && quietly "${apt[@]}" download prometheus && dpkg-deb --extract prometheus_*.deb extracted) &&
    cp "$work/extracted/usr/bin/promtool" "$promtool"
  local outcome=$?
  rm -rf "$work"
  return $outcome
}

ensure_promtool
cd deploy/prometheus
"$promtool" check config prometheus.yml
"$promtool" check rules rules.yml alerts.yml
"$promtool" test rules alerts_test.yml
