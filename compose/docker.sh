#!/bin/bash
# docker.sh ensure: makes an engine and the images of RabbitMQ and MongoDB be there, and prints the settings that tests on containers need: eval them.
# docker.sh stop: removes the containers that were started under these settings and are still there, and the engine if these scripts started it.
set -euo pipefail
. "$(dirname "$0")/engine.sh"

set_tests() {
  set_testcontainers
  RUNS_STRACE_IMAGE=$(ensure_strace) || say "no image with strace: a torture cannot slow the store's disk"
  export RUNS_STRACE_IMAGE
}

ensure() {
  prepare set_tests
  # The tests put it on their containers: what a killed test run leaves behind is found by it.
  export RUNS_CONTAINER_OWNER="tests-$$"
  local name
  for name in RUNS_RABBITMQ_IMAGE RUNS_MONGODB_IMAGE RUNS_MONGODB_STANDIN RUNS_STRACE_IMAGE RUNS_CONTAINER_OWNER \
    DOCKER_API_VERSION TESTCONTAINERS_HOST_OVERRIDE TESTCONTAINERS_RYUK_DISABLED; do
    [ -z "${!name:-}" ] || printf 'export %s=%q\n' "$name" "${!name}"
  done
}

stop() {
  engine_answers || return 0
  if [ -n "${RUNS_CONTAINER_OWNER:-}" ]; then
    docker ps --all --quiet --filter "label=runs.owner=$RUNS_CONTAINER_OWNER" | xargs --no-run-if-empty docker rm --force --volumes >/dev/null
    docker volume ls --quiet --filter "label=runs.owner=$RUNS_CONTAINER_OWNER" | xargs --no-run-if-empty docker volume rm >/dev/null
  fi
  stop_engine
}

case "${1:-}" in
  ensure | stop) "$1" ;;
  *) give_up "usage: docker.sh ensure | stop" ;;
esac
