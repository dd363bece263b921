#!/bin/bash
# Sourced by up.sh and down.sh: the compose files of the stack and what they need to know. A development stack: its ports are open on this machine only.

credentials="$root/compose/.env"

# Passwords are made once for each clone. Broker and database keep those of their first start in their volumes.
ensure_credentials() {
  if [ ! -e "$credentials" ]; then
    (
      umask 077
      printf 'RUNS_RABBITMQ_PASSWORD=%s\nRUNS_MONGODB_PASSWORD=%s\n' "$(new_password)" "$(new_password)" >"$credentials"
    )
  fi
  RUNS_RABBITMQ_PASSWORD=$(credential RUNS_RABBITMQ_PASSWORD)
  RUNS_MONGODB_PASSWORD=$(credential RUNS_MONGODB_PASSWORD)
  export RUNS_RABBITMQ_PASSWORD RUNS_MONGODB_PASSWORD
}

new_password() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }

credential() {
  if [ -n "${!1:-}" ]; then echo "${!1}"; else sed -n "s/^$1=//p" "$credentials"; fi
}

rabbitmq_url() { echo "amqp://runs:$RUNS_RABBITMQ_PASSWORD@$1/"; }

# Direct: the one member of the replica set knows itself by a name that means nothing outside, and the stand-in has no replica set.
mongodb_url() {
  if [ "$RUNS_MONGODB_STANDIN" = 1 ]; then
    echo "mongodb://$1/runs?directConnection=true"
  else
    echo "mongodb://runs:$RUNS_MONGODB_PASSWORD@$1/runs?authSource=admin&directConnection=true"
  fi
}

# stack_files: sets the array of compose's options, and what the files refer to.
stack_files() {
  files=(--file "$root/compose/compose.yaml")
  [ "$RUNS_MONGODB_STANDIN" = 0 ] || files+=(--file "$root/compose/compose.standins.yaml")
  files+=(--file "$root/compose/compose.services.yaml")
  RUNS_RABBITMQ_URL=$(rabbitmq_url rabbitmq:5672)
  RUNS_MONGODB_URL=$(mongodb_url mongodb:27017)
  export RUNS_RABBITMQ_URL RUNS_MONGODB_URL
}

# Shows the last lines of each container of the stack that has ended or is not healthy.
show_failures() {
  docker ps --all --filter label=com.docker.compose.project="${COMPOSE_PROJECT_NAME:-runs}" --format '{{.Names}} {{.Status}}' | while read -r name status; do
    case "$status" in
      *"(healthy)"*) continue ;;
    esac
    say "$name: $status. Its last lines:"
    docker logs --tail 20 "$name" 2>&1 | sed 's/^/  /' >&2
    case "$status" in
      "Exited (132)"*) say "Exit code 132 is an illegal instruction: the processor is too old for the image (MongoDB needs AVX, or ARMv8.2-A)." ;;
      "Exited (137)"*) say "Exit code 137 is a kill: most often the memory limit." ;;
    esac
  done
}
