#!/bin/bash
# Sourced by run.sh. A world for one test: a copy of the scripts, a PATH with the tools that every system has, and stubs of docker and others.

# What macOS, the BSDs and Linux have in common.
shared_tools="awk basename cat chmod cp cut dirname env find grep head id kill ls mkdir mktemp mv od printf rm rmdir sed seq sleep sort tail tee touch tr true wc xargs"

make_world() {
  mkdir -p "$world/repo/tests" "$world/tools"
  cp -R "$root/compose" "$world/repo/compose"
  rm -f "$world/repo/compose/.env"
  cp "$root/tests/run.sh" "$world/repo/tests/run.sh"
  local tool
  for tool in $shared_tools; do portable "$tool" "$(command -v "$tool")"; done
  # BSD's name for it.
  stub shasum "exec $(command -v sha256sum || echo 'shasum -a 256') \$(printf '%s\n' \"\$@\" | sed -e '/^-a\$/d' -e '/^256\$/d')"
  stub id 'echo 1000'
  stub docker "$docker"
  ln -s "$bash" "$world/tools/bash"
  touch "$world/images" "$world/containers" "$world/volumes"
  echo 6.12.1 >"$world/kernel"
  echo 'flags : fpu avx avx2' >"$world/processor"
  echo 1.47 1.47 >"$world/versions"
  printf '%s\n' rabbitmq:4.3-management mongo:8.0 mongo:7.0 testcontainers/ryuk:0.14.0 >"$world/registry"
}

# portable NAME PATH: the tool, without the options that only GNU's has.
portable() {
  stub "$1" "for option in \"\$@\"; do
    case \"$1 \$option\" in
      *' --') break ;;
      *' --'?* | 'sed -i' | 'grep -P' | 'xargs -d' | 'find -printf') echo \"$1: illegal option \$option\" >&2; exit 64 ;;
    esac
  done
  exec $2 \"\$@\""
}

# stub NAME TEXT: a command of the world.
stub() {
  printf '#!%s\n%s\n' "$bash" "$2" >"$world/tools/$1"
  chmod +x "$world/tools/$1"
}

# A docker that answers from the files of the world, and writes down what it was asked.
docker='
echo "$*" >>"$WORLD/calls"
for last in "$@"; do :; done
case "$*" in
  version) [ ! -e "$WORLD/no-engine" ] ;;
  "version --format {{.Client.APIVersion}}"*) cat "$WORLD/versions" ;;
  "version --format {{.Server.Arch}}") echo amd64 ;;
  "info --format {{.KernelVersion}}") cat "$WORLD/kernel" ;;
  "context inspect"*) cat "$WORLD/context" 2>/dev/null ;;
  "image inspect --format"*) exit 1 ;;
  "image inspect "*) grep -qxF -- "$last" "$WORLD/images" ;;
  "pull "*)
    if grep -qxF -- "$last" "$WORLD/registry"; then echo "$last" >>"$WORLD/images"; echo "Digest: $(cat "$WORLD/digest" 2>/dev/null)"; exit; fi
    echo "Using default tag"; echo "toomanyrequests: the pull rate limit is reached"; exit 1 ;;
  "run --rm --entrypoint cat "*) cat "$WORLD/processor" ;;
  "compose version") ;;
  "compose "*) exit "$(cat "$WORLD/compose" 2>/dev/null || echo 0)" ;;
  "ps --all --filter label=com.docker"*) cat "$WORLD/containers" ;;
  "ps --all --quiet"*) cat "$WORLD/containers" ;;
  "volume ls"*) cat "$WORLD/volumes" ;;
  "logs "*) echo "the reason why $last ended" ;;
esac'

# in_world [NAME=VALUE...] SCRIPT ARGUMENT...: runs a script of the copy; its output and errors go to $world/output, its output alone to $world/printed.
in_world() {
  local settings=()
  while [[ $1 == *=* ]]; do
    settings+=("$1")
    shift
  done
  local script="$world/repo/$1"
  shift
  env -i PATH="$world/tools" HOME="$world" TMPDIR="$world" WORLD="$world" ${settings[@]+"${settings[@]}"} \
    "$bash" "$script" "$@" >"$world/printed" 2>"$world/errors" </dev/null
  local status=$?
  cat "$world/errors" "$world/printed" >"$world/output"
  ! grep -E 'command not found|illegal option|unbound variable|syntax error|bad substitution' "$world/output" || exit 99
  return $status
}

fails() { ! "$@" || { echo "did not fail: $*"; return 1; }; }

# said TEXT...: the script said each of them.
said() {
  local text
  for text in "$@"; do grep -qF -- "$text" "$world/output" || { echo "not said: $text"; return 1; }; done
}

printed() {
  local text
  for text in "$@"; do grep -qxF -- "$text" "$world/printed" || { echo "not printed: $text"; return 1; }; done
}

never_printed() { ! grep -F -- "$1" "$world/printed" || { echo "printed: $1"; return 1; }; }

asked() { grep -qF -- "$1" "$world/calls" || { echo "docker was not asked: $1"; return 1; }; }

never_asked() { ! grep -F -- "$1" "$world/calls" || { echo "docker was asked: $1"; return 1; }; }
