#!/usr/bin/env bash
# Follows "Create a run" and "Execute a run" of README.md as a reader would, in a temporary folder: makes the packages and
# the worker, runs it twice, kills the process that executes the run, and checks that the other one continues.
set -euo pipefail
set -m # each background process leads a group, which ends as a whole: `dotnet run` starts the worker as a child
cd "$(dirname "$0")/.."
work=$(mktemp -d "${TMPDIR:-/tmp}/runs-readme.XXXXXX")
pids=()
# shellcheck disable=SC2317 # the trap calls it
finish() {
  for pid in ${pids[@]+"${pids[@]}"}; do kill -- "-$pid" 2>/dev/null || true; done
  wait 2>/dev/null
  rm -rf "$work"
}
trap finish EXIT
export MSBUILDDISABLENODEREUSE=1 # no build process keeps the folder

fail() {
  echo "$1"
  for log in "$work"/*.log; do echo "--- $log"; tail -n 30 "$log"; done
  exit 1
}

# block HEADING LANGUAGE NUMBER: the code block of README.md.
block() {
  awk -v heading="## $1" -v fence="\`\`\`$2" -v number="$3" '
    /^## / { inside = $0 == heading }
    inside && $0 == fence { count++; taking = count == number; next }
    /^```/ { taking = 0 }
    taking' README.md
}

# until_true SECONDS COMMAND...
until_true() {
  local end=$((SECONDS + $1))
  shift
  until "$@"; do
    [ $SECONDS -lt $end ] || return 1
    sleep 0.2
  done
}

replace() { sed -e "s#http://127.0.0.1:8080#$address#g" -e "s#\.\./hello-worker#$work/hello-worker#g"; }

echo "The server"
ASPNETCORE_ENVIRONMENT=Development ASPNETCORE_URLS=http://127.0.0.1:0 Sqlite__DataDirectory=$work/data \
  dotnet artifacts/bin/Runs.Server/debug/Runs.Server.dll >"$work/server.log" 2>&1 &
pids+=($!)
has_started() { address=$(grep -oE 'http://127\.0\.0\.1:[0-9]+' "$work/server.log" | head -n 1) && [ -n "$address" ]; }
until_true 60 has_started || fail "The server did not start."

echo "The packages and the worker"
block "Execute a run" sh 1 | replace >"$work/make-worker.sh"
bash -euo pipefail "$work/make-worker.sh" >"$work/make-worker.log" 2>&1 || fail "The worker could not be made."
block "Execute a run" csharp 1 >"$work/hello-worker/Program.cs"
dotnet build "$work/hello-worker" --nologo -v quiet >"$work/build.log" 2>&1 || fail "The worker does not compile."

echo "A run, and two processes of the worker"
block "Create a run" sh 1 | replace >"$work/create.sh"
# shellcheck source=/dev/null
. "$work/create.sh" >"$work/create.log" 2>&1
block "Execute a run" sh 2 | replace >"$work/run-worker.sh"
for number in 1 2; do
  (cd "$work/hello-worker" && exec bash "$work/run-worker.sh") >"$work/worker-$number.log" 2>&1 &
  pids+=($!)
  until_true 120 grep -qs "Application started" "$work/worker-$number.log" || fail "Process $number of the worker did not start."
done

printed() { cat "$work"/worker-*.log | grep -E '^process [0-9]+, attempt [0-9]+, step [0-9]+$'; }
has_printed() { printed | grep -q ", attempt 1, step $1\$"; }
until_true 60 has_printed 5 || fail "No process executes the run."
killed=$(printed | head -n 1 | sed -E 's/^process ([0-9]+),.*/\1/')
kill -9 "$killed"

get() { curl -s "$address/runs/run_hello$1" -H "$RUNS_AUTH"; }
has_ended() { get "" | grep -qE '"status":"(completed|failed|cancelled)"'; }
until_true 90 has_ended || fail "The run did not end."

get "" | grep -q '"status":"completed"' || fail "The run did not complete: $(get "")"
outcomes=$(get /attempts | grep -oE '"outcome":"[a-z]+"' | tr '\n' ' ')
[ "$outcomes" = '"outcome":"lost" "outcome":"completed" ' ] || fail "The attempts ended otherwise: $outcomes"
steps=$(printed | sed 's/.* step //' | sort -n | uniq -d)
[ -z "$steps" ] || fail "Both attempts executed steps: $steps"
printed | grep -q 'attempt 2, step 20$' || fail "The second attempt did not execute the last step."
echo "Process $killed was killed after step $(printed | grep -c 'attempt 1'); attempt 2 continued at step $(printed | grep 'attempt 2' | head -n 1 | sed 's/.* step //')."
