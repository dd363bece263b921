#!/bin/bash
# up.sh [backing]: starts the whole stack, or only the broker and the database, and waits until all of it is healthy.
set -euo pipefail
. "$(dirname "$0")/engine.sh"
. "$root/compose/stack.sh"

server_image=${RUNS_SERVER_IMAGE:-runs/server:dev}

# Compiled ahead of time (ReadyToRun), so that a new container does not compile everything before its first commands.
build_server() {
  local context="$state/server" architecture base
  architecture=$(docker version --format '{{.Server.Arch}}')
  base=$(choose_image "$(image RUNS_BASE_IMAGE)" base)
  say "building $server_image"
  rm -rf "$context"
  quietly dotnet publish "$root/src/Runs.Server" --configuration Release --runtime "linux-${architecture/amd64/x64}" --self-contained -p:PublishReadyToRun=true --output "$context"
  quietly docker build --file "$root/compose/Dockerfile" --build-arg BASE_IMAGE="$base" --tag "$server_image" "$context"
}

# Broker and database of a deleted clone, or of one whose credentials were deleted, do not accept new ones.
reject_foreign_volumes() {
  [ ! -e "$credentials" ] && [ -z "${RUNS_RABBITMQ_PASSWORD:-}" ] || return 0
  local volume
  for volume in $(docker volume ls --quiet --filter label=com.docker.compose.project="${COMPOSE_PROJECT_NAME:-runs}"); do
    give_up "the volume $volume keeps the passwords of an earlier stack, and compose/.env with them is gone. 'make down VOLUMES=1' removes the stack's data."
  done
}

prepare ensure_compose
reject_foreign_volumes
ensure_credentials
stack_files
services=(rabbitmq mongodb)
if [ "${1:-}" != backing ]; then
  build_server
  services+=(api lifecycle)
fi

if ! "${compose[@]}" "${files[@]}" up --detach --wait --wait-timeout 180 "${services[@]}"; then
  show_failures
  give_up "the stack is not up; compose/down.sh removes what there is of it"
fi

host=$(engine_host)
say "the stack is up; compose/down.sh ends it"
echo "ConnectionStrings__RabbitMq=$(rabbitmq_url "$host:${RUNS_RABBITMQ_PORT:-5672}")"
echo "ConnectionStrings__MongoDb=$(mongodb_url "$host:${RUNS_MONGODB_PORT:-27017}")"
[ "${1:-}" = backing ] || echo "http://$host:${RUNS_API_PORT:-8080}"
