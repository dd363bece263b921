#!/usr/bin/env bash
# compare.sh: measures creates with wrk, which shares nothing with the project's own load generator, on the same servers, in turns.
# Settings: SUBJECTS="baseline runs", CALLERS="1 64 256", ROUNDS=5, DURATION=5 (seconds), WARM_UP=20. Run it with `make bench-wrk`.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
subjects=${SUBJECTS:-baseline runs}
callers=${CALLERS:-1 64 256}
rounds=${ROUNDS:-5}
duration=${DURATION:-5}
warm_up=${WARM_UP:-20}

if ! command -v wrk >/dev/null; then
  echo "wrk is not installed, so nothing was measured. On Debian: apt-get install wrk"
  exit 0
fi

work=$(mktemp -d "${TMPDIR:-/tmp}/runs-wrk.XXXXXX")
mkfifo "$work/input" "$work/output"
# shellcheck disable=SC2086 # the subjects are words
dotnet run -c Release --project "$here/.." -- subjects $subjects <"$work/input" >"$work/output" &
servers=$!
exec 3>"$work/input" 4<"$work/output"
# The end of their input stops the servers.
trap 'exec 3>&-; wait "$servers" || true; rm -rf "$work"' EXIT

credential=
while read -r name value <&4 && [ "$name" != ready ]; do
  case "$name" in
    Authorization:) credential=$value ;;
    *) echo "$value" >"$work/port.$name" ;;
  esac
done
[ -n "$credential" ] || { echo "The servers did not start." >&2; exit 1; }

execution=0

# load SUBJECT CALLERS SECONDS: the line of creates.lua.
load() {
  execution=$((execution + 1))
  wrk --threads "$(($2 < 2 ? 1 : 2))" --connections "$2" --duration "${3}s" --timeout 10s --script "$here/creates.lua" \
    "http://127.0.0.1:$(cat "$work/port.$1")" -- "$credential" "$execution" | grep '^result '
}

for subject in $subjects; do
  load "$subject" 64 "$warm_up" >/dev/null
done

median() { sort -g | awk '{ value[NR] = $1 } END { printf "%.4g\n", (value[int((NR + 1) / 2)] + value[int(NR / 2) + 1]) / 2 }'; }

echo "| callers | round | subject | creates/s | p50 ms | p99 ms | failed |"
echo "|--:|--:|---|--:|--:|--:|--:|"
for count in $callers; do
  for round in $(seq "$rounds"); do
    for subject in $subjects; do
      read -r _ rate p50 p99 failed < <(load "$subject" "$count" "$duration")
      echo "| $count | $round | $subject | $rate | $p50 | $p99 | $failed |"
      echo "$rate $p50" >>"$work/samples.$subject.$count"
    done
  done
done

# Ratios are taken for each round; the median counts.
echo
reference=${subjects%% *}
for count in $callers; do
  for subject in $subjects; do
    samples="$work/samples.$subject.$count"
    line="callers: $count, $subject: $(cut -d ' ' -f 1 "$samples" | median) creates/s, p50 $(cut -d ' ' -f 2 "$samples" | median) ms"
    if [ "$subject" != "$reference" ]; then
      ratios=$(paste -d ' ' "$samples" "$work/samples.$reference.$count")
      line="$line; of $reference: creates/s $(awk '{ print $1 / $3 }' <<<"$ratios" | median), p50 $(awk '{ print $2 / $4 }' <<<"$ratios" | median)"
    fi
    echo "$line"
  done
done
