#!/bin/bash
# up.sh [backing]: starts the whole stack, or only the broker and the database, and waits until all of it is healthy.
set -euo pipefail
. "$(dirname "$0")/engine.sh"

base_image=mcr.microsoft.com/dotnet/runtime-deps:10.0
server_image=${RUNS_SERVER_IMAGE:-runs/server:dev}

build_server() {
  local context="$state/server" architecture
  architecture=$(docker version --format '{{.Server.Arch}}')
  say "building $server_image"
  rm -rf "$context"
  quietly dotnet publish "$root/src/Runs.Server" --configuration Release --runtime "linux-${architecture/amd64/x64}" --self-contained --output "$context"
  quietly docker build --file "$root/compose/Dockerfile" --build-arg BASE_IMAGE="$(choose_image "$base_image" base)" --tag "$server_image" "$context"
}

prepare ensure_compose
files=(--file "$root/compose/compose.yaml")
[ "$RUNS_MONGODB_STANDIN" = 0 ] || files+=(--file "$root/compose/compose.standins.yaml")
if [ "${1:-}" != backing ]; then
  build_server
  files+=(--file "$root/compose/compose.services.yaml")
fi

"${compose[@]}" "${files[@]}" up --detach --wait --wait-timeout 180
say "the stack is up; compose/down.sh ends it"
