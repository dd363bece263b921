#!/bin/bash
# run.sh RESULTS: tests the scripts with a docker that only pretends, and with no tool or option that macOS and the BSDs lack.
# Writes "passed NAME" or "failed NAME" for each test into the file RESULTS. RUNS_TEST_BASH names another bash for the scripts, such as 3.2.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
results=${1:?the file for the results}
bash=${RUNS_TEST_BASH:-/bin/bash}
work=$(mktemp -d "${TMPDIR:-/tmp}/runs-scripts.XXXXXX")
trap 'rm -rf "$work"' EXIT
. "$here/world.sh"
for file in "$here"/*_tests.sh; do
  # shellcheck source=/dev/null
  . "$file"
done

: >"$results"
for test in $(declare -F | awk '$3 ~ /^test_/ {print $3}'); do
  name=${test#test_}
  world="$work/$name"
  # set -e does not reach into a command that is part of a condition: the status is read after it.
  (set -e; make_world; "$test") >"$work/log" 2>&1
  status=$?
  if [ $status = 0 ]; then
    echo "passed $name" >>"$results"
  else
    echo "failed $name" >>"$results"
    echo "FAILED: tests/scripts: $name"
    sed 's/^/  /' "$work/log"
    [ ! -e "$world/output" ] || sed 's/^/  output: /' "$world/output"
  fi
done
echo "Scripts: $(grep -c '^passed' "$results") of $(wc -l <"$results" | tr -d ' ') tests passed, with $("$bash" --version | head -n 1)"
! grep -q '^failed' "$results"
