#!/bin/bash
# Sourced by the other scripts. Makes a Docker engine and `docker compose` available: those of the machine where there are any, and Debian's packages otherwise.
# Written for bash 3.2 and for the options that BSD's and GNU's tools share, so that it runs on macOS, too (tests/scripts).

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
state="$root/artifacts/docker"
engine_pid="$state/dockerd.pid"
mkdir -p "$state"

# Prints a message for the user. Standard output belongs to the command that is run.
say() { echo "docker: $*" >&2; }

give_up() {
  say "$*"
  exit 1
}

has() { command -v "$1" >/dev/null 2>&1; }

can_install() { [ "$(id -u)" = 0 ] && [ -e /etc/debian_version ] && has apt-get; }

# Shows the log only after a failure.
quietly() { "$@" >"$state/last.log" 2>&1 || { cat "$state/last.log" >&2; return 1; }; }

apt_install() {
  say "installing $*"
  quietly apt-get update
  DEBIAN_FRONTEND=noninteractive quietly apt-get install --yes --no-install-recommends "$@"
}

engine_answers() { docker version >/dev/null 2>&1; }

ensure_engine() {
  engine_answers && return
  [ -z "${DOCKER_HOST:-}" ] || give_up "no engine answers at DOCKER_HOST=$DOCKER_HOST."
  can_install || give_up "no engine answers. Start Docker (Docker Desktop, or: sudo systemctl start docker), see that 'docker version' works for this user, and try again."
  has dockerd || apt_install docker.io iptables
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

# Stops the engine if one of these scripts started it and no container runs on it.
stop_engine() {
  local pid
  pid=$(cat "$engine_pid" 2>/dev/null) || return 0
  # After a restart of the machine another process may have the number.
  [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = dockerd ] || { rm -f "$engine_pid"; return 0; }
  [ -z "$(docker ps --quiet)" ] || { say "the engine stays: containers are running"; return 0; }
  kill "$pid"
  while kill -0 "$pid" 2>/dev/null; do sleep 0.1; done
  rm -f "$engine_pid"
}

# Prints the host that reaches the ports which the engine publishes.
engine_host() {
  local host=${DOCKER_HOST:-}
  case "$host" in
    *://*) host=${host#*://} ;;
  esac
  case "${DOCKER_HOST:-}" in
    "" | unix://* | npipe://* | fd://*) echo 127.0.0.1 ;;
    *)
      host=${host##*@}
      host=${host%%/*}
      case "$host" in
        \[*) echo "${host%%]*}]" ;;
        *) echo "${host%%:*}" ;;
      esac
      ;;
  esac
}

# Prints the engine API's version that Testcontainers is to speak: the library does not negotiate, and asks too much of an older engine.
# Prints nothing where the numbers are not Docker's: podman counts its own.
api_version() {
  docker version --format '{{.Client.APIVersion}} {{.Server.APIVersion}}' 2>/dev/null | awk '
    split($1, client, ".") == 2 && split($2, server, ".") == 2 && client[1] == 1 && server[1] == 1 {
      print "1." (client[2] + 0 < server[2] + 0 ? client[2] : server[2])
    }'
}

# What Testcontainers has to know about this machine. Settings of the user win.
set_testcontainers() {
  local version endpoint
  version=${DOCKER_API_VERSION:-$(api_version)}
  [ -z "$version" ] || export DOCKER_API_VERSION="$version"
  # Otherwise it takes the bridge's address, and ports are published on the loopback only.
  export TESTCONTAINERS_HOST_OVERRIDE="${TESTCONTAINERS_HOST_OVERRIDE:-$(engine_host)}"

  # The engine of the command line's context: Testcontainers would look for one itself, and might find another.
  if [ -z "${DOCKER_HOST:-}" ]; then
    endpoint=$(docker context inspect --format '{{.Endpoints.docker.Host}}' 2>/dev/null) || endpoint=
    case "$endpoint" in
      unix:///var/run/docker.sock) ;;
      unix:///run/user/*) export DOCKER_HOST="$endpoint" ;;
      unix://*)
        export DOCKER_HOST="$endpoint"
        # It runs in a virtual machine (Docker Desktop, Colima), where its socket has the usual name.
        export TESTCONTAINERS_DOCKER_SOCKET_OVERRIDE="${TESTCONTAINERS_DOCKER_SOCKET_OVERRIDE:-/var/run/docker.sock}"
        ;;
    esac
  fi

  if [ -z "${TESTCONTAINERS_RYUK_DISABLED:-}" ]; then
    if is_standin "$RUNS_RABBITMQ_IMAGE" || ! obtain "$(image RUNS_REAPER_IMAGE)"; then
      export TESTCONTAINERS_RYUK_DISABLED=true
    else
      export TESTCONTAINERS_RYUK_CONTAINER_IMAGE="${TESTCONTAINERS_RYUK_CONTAINER_IMAGE:-$(image RUNS_REAPER_IMAGE)}"
    fi
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

# Two scripts that start together would both start an engine and build the same images.
lock() {
  if has flock; then
    exec 9>"$state/lock"
    flock 9
    return
  fi
  local holder
  until mkdir "$state/lock.d" 2>/dev/null; do
    holder=$(cat "$state/lock.d/pid" 2>/dev/null) || holder=
    # Its holder was killed.
    if [ -n "$holder" ] && ! kill -0 "$holder" 2>/dev/null; then rm -rf "$state/lock.d"; else sleep 1; fi
  done
  echo $$ >"$state/lock.d/pid"
  trap unlock EXIT
}

unlock() {
  exec 9>&-
  [ "$(cat "$state/lock.d/pid" 2>/dev/null)" != $$ ] || rm -rf "$state/lock.d"
}

# prepare COMMAND...: one at a time: the engine, the images, and what the command makes.
prepare() {
  lock
  ensure_engine
  ensure_images
  "$@"
  unlock
}

. "$root/compose/images.sh"
