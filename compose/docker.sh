#!/bin/bash
# docker.sh ensure [strace]: makes an engine and the images of RabbitMQ and MongoDB available, and that with strace if it is asked for.
#   Prints the settings that tests on containers need: eval them.
# docker.sh stop: removes the containers that were started under these settings and are still there, and the engine if these scripts started it.
set -euo pipefail
. "$(dirname "$0")/engine.sh"

set_tests() {
  set_testcontainers
  [ "${1:-}" = strace ] || return 0
  RUNS_STRACE_IMAGE=$(ensure_strace) || say "no image with strace: a torture cannot slow the store's disk"
  export RUNS_STRACE_IMAGE
}

ensure() {
  prepare set_tests "$@"
  # The tests put it on their containers: what a killed test run leaves behind is found by it.
  export RUNS_CONTAINER_OWNER="tests-$$"
  local name
  for name in RUNS_RABBITMQ_IMAGE RUNS_MONGODB_IMAGE RUNS_MONGODB_STANDIN RUNS_STRACE_IMAGE RUNS_CONTAINER_OWNER \
    DOCKER_HOST DOCKER_API_VERSION TESTCONTAINERS_HOST_OVERRIDE TESTCONTAINERS_DOCKER_SOCKET_OVERRIDE TESTCONTAINERS_RYUK_DISABLED \
    TESTCONTAINERS_RYUK_CONTAINER_IMAGE; do
    [ -z "${!name:-}" ] || printf 'export %s=%q\n' "$name" "${!name}"
  done
}

stop() {
  engine_answers || return 0
  local id
  if [ -n "${RUNS_CONTAINER_OWNER:-}" ]; then
    docker ps --all --quiet --filter "label=runs.owner=$RUNS_CONTAINER_OWNER" | while read -r id; do docker rm --force --volumes "$id" >/dev/null; done
    docker volume ls --quiet --filter "label=runs.owner=$RUNS_CONTAINER_OWNER" | while read -r id; do docker volume rm "$id" >/dev/null; done
  fi
  stop_engine
}

case "${1:-}" in
  ensure | stop) "$@" ;;
  *) give_up "usage: docker.sh ensure [strace] | stop" ;;
esac
