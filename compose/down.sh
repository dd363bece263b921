#!/bin/bash
# down.sh: removes what up.sh started, and the engine if these scripts started that. VOLUMES=1 removes the data too.
set -euo pipefail
. "$(dirname "$0")/engine.sh"

if ! engine_answers; then
  say "no engine answers: nothing is up"
  exit
fi
ensure_compose
options=(--remove-orphans)
[ "${VOLUMES:-0}" = 0 ] || options+=(--volumes)
files=(--file "$root/compose/compose.yaml" --file "$root/compose/compose.standins.yaml" --file "$root/compose/compose.services.yaml")
"${compose[@]}" "${files[@]}" down "${options[@]}"
stop_engine
