#!/bin/bash
# build.sh base|rabbitmq|documentdb: builds a stand-in from Debian packages, unless it is there already, and prints its name.
# build.sh --check NAME: succeeds if it is there already.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
. "$root/compose/engine.sh"

# Debian testing: RabbitMQ 4 and DocumentDB are not in stable.
suite=forky

tag_of() {
  case "$1" in
    base) echo runs-standin/debian:forky ;;
    rabbitmq) echo runs-standin/rabbitmq:4 ;;
    documentdb) echo runs-standin/documentdb:1 ;;
    *) give_up "there is no stand-in $1" ;;
  esac
}

inputs_of() {
  echo build.sh
  case "$1" in
    rabbitmq) echo rabbitmq ;;
    documentdb) printf 'documentdb\ngateway\n' ;;
  esac
}

# GNU's tool, or the one that macOS and the BSDs have.
hash_files() { if has sha256sum; then sha256sum "$@"; else shasum -a 256 "$@"; fi; }

# An image carries the hash of what it was made from, and is made again only when that changes.
hash_of() {
  (cd "$here" && inputs_of "$1" | while read -r input; do find "$input" -type f; done | LC_ALL=C sort |
    while read -r file; do hash_files "$file"; done | hash_files | cut -c1-16)
}

is_current() {
  local made_from
  made_from=$(docker image inspect --format '{{index .Config.Labels "runs.inputs"}}' "$(tag_of "$1")" 2>/dev/null) || return
  [ -n "$made_from" ] && [ "$made_from" = "$(hash_of "$1")" ]
}

build_base() {
  has debootstrap || apt_install debootstrap
  local tree
  tree=$(mktemp -d "$state/base.XXXXXX")
  # An older debootstrap has no script of the suite's name; sid's fits.
  quietly debootstrap --variant=minbase --include=ca-certificates "$suite" "$tree" "$("$here/mirror.sh")" /usr/share/debootstrap/scripts/sid
  tar --directory "$tree" --exclude './var/cache/apt/archives/*.deb' --exclude './var/lib/apt/lists/*' --create . |
    quietly docker import --change "LABEL runs.inputs=$(hash_of base)" - "$(tag_of base)"
  rm -rf "$tree"
}

build_on_base() {
  local name=$1 context=$2
  "$here/build.sh" base >/dev/null
  # The host's network: a bridge has no way to a mirror on some machines.
  quietly docker build --network host --build-arg BASE_IMAGE="$(tag_of base)" --label "runs.inputs=$(hash_of "$name")" --tag "$(tag_of "$name")" "$context"
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
  can_install || give_up "the stand-in for $1 is built as root on Debian only. RUNS_STANDINS=never asks for the usual image."
  say "building $(tag_of "$1")"
  "build_$1"
fi
tag_of "$1"
