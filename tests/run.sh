#!/usr/bin/env bash
# Runs the tests: `unit` without Docker, `all` with it, `verify` with it and with the checks of the repository before.
# Ends with the names of what failed and the line "N passed, N failed"; fails when any failed or none ran.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
. compose/engine.sh
which=${1:?unit, all or verify}
results=artifacts/test-results
rm -rf "$results"
mkdir -p "$results"
outcome=0
checks_passed=0
checks_failed=0
used_containers=no

# check NAME COMMAND...: counts the command as one test.
check() {
  local name=$1
  shift
  if "$@"; then
    checks_passed=$((checks_passed + 1))
    return
  fi
  echo "FAILED: $name"
  echo "FAILED: $name" >>"$results/failed-checks"
  checks_failed=$((checks_failed + 1))
  outcome=1
  return 1
}

# A test that hangs is reported by its name, and ends the run of its project.
run() {
  dotnet test "$1" --no-build --blame-hang-timeout 10m --blame-hang-dump-type none --nologo --results-directory "$results" \
    --logger "trx;LogFileName=$(basename "$1").trx" --logger "console;verbosity=minimal" || outcome=1
}

count() { # the counter $1 over all result files
  cat "$results"/*.trx 2>/dev/null | grep -o '<Counters [^>]*' | grep -oE " $1=\"[0-9]+\"" | grep -oE '[0-9]+' | awk '{sum += $1} END {print sum + 0}'
}

# The tests with other languages' clients need it.
ensure_node() {
  if has node && has npm; then return; fi
  can_install || { say "the tests need Node.js 18 or later with npm, and 'node' or 'npm' is missing. Install it and try again; 'make test-unit' needs neither."; return 1; }
  if ! has node; then apt_install nodejs npm; else apt_install npm; fi
}

# Locked: a package that is not the one of the lock files stops here.
# shellcheck disable=SC2317 # check calls it
restore() { dotnet restore Runs.sln --locked-mode --nologo -v quiet; }

# shellcheck disable=SC2317
is_formatted() { dotnet format Runs.sln --verify-no-changes --no-restore; }

run_scripts() {
  tests/scripts/run.sh "$results/scripts" || outcome=1
  checks_passed=$((checks_passed + $(grep -c '^passed' "$results/scripts")))
  checks_failed=$((checks_failed + $(grep -c '^failed' "$results/scripts")))
}

# Again at the end: a log may be cut at its start.
name_failures() {
  cat "$results/failed-checks" 2>/dev/null
  sed -n 's/^failed /FAILED: tests\/scripts: /p' "$results/scripts" 2>/dev/null
  cat "$results"/*.trx 2>/dev/null | grep -o '<UnitTestResult [^>]*outcome="Failed"' | sed -e 's/.* testName="\([^"]*\)".*/FAILED: \1/'
}

# A passed run on stand-ins is not one on RabbitMQ's and MongoDB's own images.
name_images() {
  if [ "$used_containers" = no ]; then
    echo "Ran on no containers: the run ended before the tests that need them"
    return
  fi
  local kind="their own images"
  if is_standin "${RUNS_RABBITMQ_IMAGE:-}" || is_standin "${RUNS_MONGODB_IMAGE:-}"; then kind="stand-ins from Debian packages (RUNS_STANDINS=never disallows them)"; fi
  echo "Ran on RabbitMQ: ${RUNS_RABBITMQ_IMAGE:-none}, MongoDB: ${RUNS_MONGODB_IMAGE:-none}: $kind"
}

# Beside the tests that need no containers: images are mostly fetched or unpacked, which leaves the processor to the tests.
prepare_containers() {
  # Stops, when this script ends, the engine that it had to start.
  trap 'kill "$preparation" 2>/dev/null; wait; compose/docker.sh stop' EXIT
  compose/docker.sh ensure >"$results/containers" &
  preparation=$!
}

run_on_containers() {
  local prepared=$preparation
  preparation= # another process may get its id
  if wait "$prepared"; then
    eval "$(cat "$results/containers")" # exports what the containers need
    used_containers=yes
    run tests/Runs.EndToEnd.Tests
  else
    outcome=1
  fi
}

[ "$which" = unit ] || ensure_node || outcome=1
[ "$which" != verify ] || check "the packages are those of the lock files" restore
if [ $outcome = 0 ]; then dotnet build Runs.sln --nologo -v quiet || outcome=1; fi
if [ $outcome = 0 ]; then
  if [ "$which" = verify ]; then
    # The result of CI depends on the commit alone. `make test` and `make test-unit` try new random inputs each time.
    export RUNS_FUZZ_SEED="${RUNS_FUZZ_SEED:-1}"
    check "the words are those of CONTRIBUTING.md" tests/words.sh
    check "the code is formatted: make fmt" is_formatted
  fi
  [ "$which" = unit ] || prepare_containers
  run_scripts
  run tests/Runs.Tests
  run tests/Runs.Client.Tests
  run tests/Runs.Benchmarks.Tests
  run tests/Runs.FaultInjection.Tests
  [ "$which" = unit ] || check "a worker that is made as README.md says continues after kill -9" tests/readme-worker.sh
  [ "$which" = unit ] || check "each alert fires when it has to" tests/alerts.sh
  [ "$which" = unit ] || run_on_containers
fi

passed=$(($(count passed) + checks_passed))
failed=$(($(count failed) + checks_failed))
[ "$(count passed)" -gt 0 ] || outcome=1
if [ $outcome != 0 ] && [ "$failed" = 0 ]; then failed=1; fi # a build or a run that broke is a failure, too
if [ "$which" != unit ]; then
  compose/docker.sh stop
  trap - EXIT
  name_images
fi
name_failures
echo "$passed passed, $failed failed"
exit $outcome
