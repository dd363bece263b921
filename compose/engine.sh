#!/bin/bash
# Sourced by the other scripts. Makes a Docker engine, `docker compose` and the images of RabbitMQ and MongoDB be there:
# the usual ones where they can be had, and where nothing can be pulled, an engine and stand-ins from Debian packages.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
state="$root/artifacts/docker"
engine_pid="$state/dockerd.pid"
mkdir -p "$state"

# Told to the user; standard output belongs to the command that is run.
say() { echo "docker: $*" >&2; }

give_up() {
  say "$*"
  exit 1
}

can_install() { [ "$(id -u)" = 0 ] && [ -e /etc/debian_version ]; }

# The log is shown only when something went wrong.
quietly() { "$@" >"$state/last.log" 2>&1 || { cat "$state/last.log" >&2; return 1; }; }

apt_install() {
  say "installing $*"
  quietly apt-get update
  DEBIAN_FRONTEND=noninteractive quietly apt-get install --yes --no-install-recommends "$@"
}

engine_answers() { docker version >/dev/null 2>&1; }

ensure_engine() {
  engine_answers && return
  can_install || give_up "no engine answers. Start Docker (Docker Desktop, or: sudo systemctl start docker), see that 'docker version' works for this user, and try again."
  command -v dockerd >/dev/null || apt_install docker.io iptables
  # Where a service manager runs, the package has started it.
  engine_answers && return

  # In a session of its own, so that it outlives this script and an interrupt of it; without the lock's descriptor, or it would hold the lock.
  setsid dockerd >"$state/dockerd.log" 2>&1 </dev/null 9>&- &
  echo $! >"$engine_pid"
  for _ in $(seq 150); do
    engine_answers && return
    sleep 0.2
  done
  give_up "the engine does not answer; see $state/dockerd.log"
}

# Stops the engine if one of these scripts started it and nobody uses it any more.
stop_engine() {
  local pid
  pid=$(cat "$engine_pid" 2>/dev/null) || return 0
  # After a restart of the machine the number may be somebody else's.
  [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = dockerd ] || { rm -f "$engine_pid"; return 0; }
  [ -z "$(docker ps --quiet)" ] || { say "the engine stays: containers are running"; return 0; }
  kill "$pid"
  while kill -0 "$pid" 2>/dev/null; do sleep 0.1; done
  rm -f "$engine_pid"
}

has_image() { docker image inspect "$1" >/dev/null 2>&1; }

pull() { timeout 600 docker pull --quiet "$1" >/dev/null 2>&1; }

# choose_image IMAGE NAME: prints the image to use: IMAGE wherever it can be had, the stand-in NAME otherwise.
# A stand-in that was built once is used again without asking the registry; `docker image rm` it to ask again.
choose_image() {
  local image=$1 name=$2
  if [[ $image != runs-standin/* ]]; then
    if has_image "$image" || { ! "$root/compose/standins/build.sh" --check "$name" && pull "$image"; }; then
      echo "$image"
      return
    fi
    say "$image cannot be had here; using its stand-in"
  fi
  "$root/compose/standins/build.sh" "$name"
}

ensure_images() {
  RUNS_RABBITMQ_IMAGE=$(choose_image "${RUNS_RABBITMQ_IMAGE:-rabbitmq:4-management}" rabbitmq)
  RUNS_MONGODB_IMAGE=$(choose_image "${RUNS_MONGODB_IMAGE:-mongo:8}" documentdb)
  RUNS_MONGODB_STANDIN=0
  [[ $RUNS_MONGODB_IMAGE != runs-standin/* ]] || RUNS_MONGODB_STANDIN=1
  export RUNS_RABBITMQ_IMAGE RUNS_MONGODB_IMAGE RUNS_MONGODB_STANDIN
}

# The image with strace, which slows the store's disk in a torture. Where it cannot be built the torture does without, and says so.
ensure_strace() {
  local image=runs/strace:1 base
  if ! has_image "$image"; then
    say "building $image"
    base=$(choose_image debian:13-slim base) &&
      quietly docker build --network host --build-arg BASE_IMAGE="$base" --tag "$image" "$root/compose/strace" || return
  fi
  echo "$image"
}

# What Testcontainers has to know about this machine.
set_testcontainers() {
  # What client and engine agreed on: the library does not ask, and asks too much of an older engine.
  DOCKER_API_VERSION=${DOCKER_API_VERSION:-$(docker version --format '{{.Client.APIVersion}}')}
  # Otherwise it takes the bridge's address, and ports are published on the loopback only.
  TESTCONTAINERS_HOST_OVERRIDE=127.0.0.1
  export DOCKER_API_VERSION TESTCONTAINERS_HOST_OVERRIDE

  local reaper=testcontainers/ryuk:0.14.0
  if [[ $RUNS_RABBITMQ_IMAGE == runs-standin/* ]] || ! { has_image "$reaper" || pull "$reaper"; }; then
    export TESTCONTAINERS_RYUK_DISABLED=true
  fi
}

ensure_compose() {
  if docker compose version >/dev/null 2>&1; then
    compose=(docker compose)
    return
  fi
  compose=("$state/docker-compose")
  [ ! -x "${compose[0]}" ] || return 0
  can_install || give_up "'docker compose' is missing. Install Docker's compose plugin and try again."

  # Debian 12's own is the first version, which knows no --wait. Debian 13's is one file that runs on both; it is fetched, not installed.
  say "fetching docker-compose"
  local work
  work=$(mktemp -d "$state/compose.XXXXXX")
  chmod 755 "$work"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $("$root/compose/standins/mirror.sh") trixie main" >"$work/sources.list"
  mkdir -p "$work/lists/partial"
  local apt=(apt-get -o "Dir::Etc::sourcelist=$work/sources.list" -o Dir::Etc::sourceparts=- -o "Dir::State::lists=$work/lists"
    -o Acquire::Check-Valid-Until=false -o APT::Sandbox::User=root)
  quietly "${apt[@]}" update
  (cd "$work" && quietly "${apt[@]}" download docker-compose && dpkg-deb --extract docker-compose_*.deb extracted)
  find "$work/extracted" -type f -name docker-compose -path '*cli-plugins*' -exec cp {} "${compose[0]}" \;
  rm -rf "$work"
}

# One at a time: two that start together would both start an engine and build the same images.
prepare() {
  exec 9>"$state/lock"
  flock 9
  ensure_engine
  ensure_images
  "$@"
  exec 9>&-
}
