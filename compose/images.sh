#!/bin/bash
# Sourced by engine.sh. Chooses the images: those that images.env and the environment name, or stand-ins from Debian packages (standins/).

# image NAME: prints the image that the environment or images.env names.
image() {
  if [ -n "${!1:-}" ]; then echo "${!1}"; else sed -n "s/^$1=//p" "$root/compose/images.env"; fi
}

has_image() { docker image inspect "$1" >/dev/null 2>&1; }

is_standin() { [[ $1 == runs-standin/* ]]; }

# pull IMAGE: says the last line of what Docker said if it fails.
pull() {
  local log="$state/pull.log" limit=()
  ! has timeout || limit=(timeout 600)
  say "pulling $1"
  ${limit[@]+"${limit[@]}"} docker pull --quiet "$1" >"$log" 2>&1 && return
  say "$1 cannot be pulled: $(tail -n 1 "$log")"
  return 1
}

obtain() { has_image "$1" || pull "$1"; }

# runs_here IMAGE: fails, and says why, when the image is MongoDB's and known not to start on the engine's kernel or processor.
# RUNS_CHECK_MACHINE=no starts it all the same.
runs_here() {
  local name=${1%%@*} version kernel
  [ "${RUNS_CHECK_MACHINE:-yes}" != no ] || return 0
  case "$name" in
    mongo:* | */mongo:* | mongodb/mongodb-*) ;;
    *) return 0 ;;
  esac

  # The kernel of the engine counts: in Docker Desktop that of its virtual machine.
  kernel=$(docker info --format '{{.KernelVersion}}' 2>/dev/null) || kernel=
  version=${name##*:}
  version=${version%%[!0-9]*}
  if [ "${version:-8}" -ge 8 ] && has_gated_kernel "$kernel"; then
    say "$1 does not start on this engine: MongoDB 8 is incompatible with Linux 6.19 to 7.0.13, and the engine runs on Linux $kernel." \
      "Run the engine on another kernel, or use MongoDB 7: RUNS_MONGODB_IMAGE=mongo:7.0"
    return 1
  fi
  has_instructions "$1"
}

has_gated_kernel() {
  [[ $1 =~ ^([0-9]+)\.([0-9]+)(\.([0-9]+))? ]] || return 1
  local number=$((BASH_REMATCH[1] * 1000000 + BASH_REMATCH[2] * 1000 + ${BASH_REMATCH[4]:-0}))
  [ "$number" -ge 6019000 ] && [ "$number" -le 7000013 ]
}

has_instructions() {
  local processor
  # The engine's processor, wherever the engine is.
  processor=$(docker run --rm --entrypoint cat "$1" /proc/cpuinfo 2>/dev/null) || return 0
  if grep -q '^flags' <<<"$processor" && ! grep '^flags' <<<"$processor" | grep -qw avx; then
    say "$1 does not start on this engine: MongoDB needs a processor with AVX, and the engine's has none (a virtual machine may hide it)." \
      "Use another engine, or a stand-in: RUNS_STANDINS=always, as root on Debian."
    return 1
  fi
  # ARMv8.1 brought the atomics: without them it cannot be ARMv8.2.
  if grep -q '^Features' <<<"$processor" && ! grep '^Features' <<<"$processor" | grep -qw atomics; then
    say "$1 does not start on this engine: MongoDB needs ARMv8.2-A, and the engine's processor is older (a Raspberry Pi 4, for example)." \
      "Use another engine."
    return 1
  fi
}

# choose_image IMAGE STANDIN: prints the image to use.
# RUNS_STANDINS: never: IMAGE, or an error. always: the stand-in. auto, the default: the stand-in where IMAGE cannot be had or cannot run.
# A stand-in that was built once is used again without asking the registry; `docker image rm` it to ask again.
choose_image() {
  local wanted=$1 standin=$2 build="$root/compose/standins/build.sh"
  case "${RUNS_STANDINS:-auto}" in
    always) ;;
    never)
      ! is_standin "$wanted" || give_up "RUNS_STANDINS=never, but $wanted is a stand-in."
      if obtain "$wanted" && runs_here "$wanted"; then
        echo "$wanted"
        return
      fi
      give_up "RUNS_STANDINS=never: no stand-in takes the place of $wanted."
      ;;
    auto)
      if ! is_standin "$wanted"; then
        if has_image "$wanted" || { ! "$build" --check "$standin" && pull "$wanted"; }; then
          ! runs_here "$wanted" || { echo "$wanted"; return; }
        fi
        "$build" --check "$standin" || can_install || give_up "stand-ins are built as root on Debian only."
        say "a stand-in takes the place of $wanted"
      fi
      ;;
    *) give_up "RUNS_STANDINS is never, auto or always, not '$RUNS_STANDINS'." ;;
  esac
  "$build" "$standin"
}

ensure_images() {
  RUNS_RABBITMQ_IMAGE=$(choose_image "$(image RUNS_RABBITMQ_IMAGE)" rabbitmq)
  RUNS_MONGODB_IMAGE=$(choose_image "$(image RUNS_MONGODB_IMAGE)" documentdb)
  RUNS_MONGODB_STANDIN=0
  ! is_standin "$RUNS_MONGODB_IMAGE" || RUNS_MONGODB_STANDIN=1
  export RUNS_RABBITMQ_IMAGE RUNS_MONGODB_IMAGE RUNS_MONGODB_STANDIN
}

# The image with strace, which slows the store's disk in a torture.
ensure_strace() {
  local strace=runs/strace:1 base
  if ! has_image "$strace"; then
    say "building $strace"
    base=$(choose_image "$(image RUNS_STRACE_BASE_IMAGE)" base) &&
      quietly docker build --network host --build-arg BASE_IMAGE="$base" --tag "$strace" "$root/compose/strace" || return
  fi
  echo "$strace"
}
