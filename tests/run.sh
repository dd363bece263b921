#!/usr/bin/env bash
# Runs the tests: `unit` without Docker, `all` with it. Ends with the line "N passed, N failed"; fails when any failed or none ran.
set -uo pipefail
cd "$(dirname "$0")/.."
which=${1:?unit or all}
results=artifacts/test-results
rm -rf "$results"
mkdir -p "$results"
outcome=0

run() {
  dotnet test "$1" --no-build --nologo --results-directory "$results" --logger "trx;LogFileName=$(basename "$1").trx" \
    --logger "console;verbosity=minimal" || outcome=1
}

count() { # the counter $1 over all result files
  cat "$results"/*.trx 2>/dev/null | grep -o '<Counters [^>]*' | grep -oE " $1=\"[0-9]+\"" | grep -oE '[0-9]+' | awk '{sum += $1} END {print sum + 0}'
}

dotnet build Runs.sln --nologo -v quiet || outcome=1
if [ $outcome = 0 ]; then
  run tests/Runs.Tests
  if [ "$which" = all ]; then
    # Exports what the containers need; stops, when this script ends, the engine that it had to start.
    trap 'compose/docker.sh stop' EXIT
    if exports=$(compose/docker.sh ensure); then
      eval "$exports"
      run tests/Runs.EndToEnd.Tests
    else
      outcome=1
    fi
  fi
fi

passed=$(count passed)
failed=$(count failed)
[ "$passed" -gt 0 ] || outcome=1
if [ $outcome != 0 ] && [ "$failed" = 0 ]; then failed=1; fi # a build or a run that broke is a failure, too
if [ "$which" = all ]; then compose/docker.sh stop; trap - EXIT; fi
echo "$passed passed, $failed failed"
exit $outcome
