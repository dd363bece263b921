#!/bin/bash
# down.sh: removes what up.sh started, and the engine if these scripts started that. VOLUMES=1 removes the data and the passwords, too.
set -euo pipefail
. "$(dirname "$0")/engine.sh"
. "$root/compose/stack.sh"

if ! engine_answers; then
  say "no engine answers: nothing is up"
  exit
fi
ensure_compose
options=(--remove-orphans)
[ "${VOLUMES:-0}" = 0 ] || options+=(--volumes)

# All files of the stack, whichever were used: compose removes what belongs to them.
RUNS_RABBITMQ_IMAGE=$(image RUNS_RABBITMQ_IMAGE)
RUNS_MONGODB_IMAGE=$(image RUNS_MONGODB_IMAGE)
export RUNS_RABBITMQ_IMAGE RUNS_MONGODB_IMAGE RUNS_MONGODB_STANDIN=1
RUNS_RABBITMQ_PASSWORD=none RUNS_MONGODB_PASSWORD=none
export RUNS_RABBITMQ_PASSWORD RUNS_MONGODB_PASSWORD
stack_files
"${compose[@]}" "${files[@]}" down "${options[@]}"
[ "${VOLUMES:-0}" = 0 ] || rm -f "$credentials"
stop_engine
