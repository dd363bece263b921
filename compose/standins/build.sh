#!/bin/bash
# build.sh base|rabbitmq|documentdb: builds a stand-in from Debian packages, unless it is there already, and prints its name.
# build.sh --check NAME: tells whether it is there already.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
. "$root/compose/engine.sh"

# Debian testing: RabbitMQ 4 and DocumentDB are not in stable.
suite=forky

declare -A tags=([base]=runs-standin/debian:forky [rabbitmq]=runs-standin/rabbitmq:4 [documentdb]=runs-standin/documentdb:1)
declare -A inputs=([base]="build.sh" [rabbitmq]="build.sh rabbitmq" [documentdb]="build.sh documentdb gateway")

# An image carries the hash of what it was made from, and is made again only when that changes.
hash_of() {
  # shellcheck disable=SC2086 # the inputs are a list
  (cd "$here" && find ${inputs[$1]} -type f -print0 | sort --zero-terminated | xargs --null sha256sum | sha256sum | cut -c1-16)
}

is_current() {
  [ "$(docker image inspect --format '{{index .Config.Labels "runs.inputs"}}' "${tags[$1]}" 2>/dev/null)" = "$(hash_of "$1")" ]
}

build_base() {
  command -v debootstrap >/dev/null || apt_install debootstrap
  local tree
  tree=$(mktemp -d "$state/base.XXXXXX")
  # An older debootstrap has no script of the suite's name; sid's fits.
  quietly debootstrap --variant=minbase --include=ca-certificates "$suite" "$tree" "$("$here/mirror.sh")" /usr/share/debootstrap/scripts/sid
  tar --directory "$tree" --exclude './var/cache/apt/archives/*.deb' --exclude './var/lib/apt/lists/*' --create . |
    quietly docker import --change "LABEL runs.inputs=$(hash_of base)" - "${tags[base]}"
  rm -rf "$tree"
}

build_on_base() {
  local name=$1 context=$2
  "$here/build.sh" base >/dev/null
  # The host's network: a bridge has no way to a mirror on some machines.
  quietly docker build --network host --build-arg BASE_IMAGE="${tags[base]}" --label "runs.inputs=$(hash_of "$name")" --tag "${tags[$name]}" "$context"
  # What the new image has replaced.
  quietly docker image prune --force --filter label=runs.inputs
}

build_rabbitmq() { build_on_base rabbitmq "$here/rabbitmq"; }

build_documentdb() {
  local context="$state/documentdb"
  rm -rf "$context"
  quietly dotnet publish "$here/gateway" --configuration Release --runtime linux-x64 --self-contained --output "$context"
  cp "$here"/documentdb/* "$context"
  build_on_base documentdb "$context"
}

if [ "$1" = --check ]; then
  is_current "$2"
  exit
fi

if ! is_current "$1"; then
  can_install || give_up "the stand-in for $1 is built as root on Debian only; pull the usual image instead."
  say "building ${tags[$1]}"
  "build_$1"
fi
echo "${tags[$1]}"
