#!/bin/bash
# with-docker.sh [--strace] COMMAND...: runs a command with Docker, the images and their settings at hand, and leaves nothing running that it started.
set -euo pipefail
docker=$(dirname "$0")/docker.sh
wanted=
if [ "$1" = --strace ]; then
  wanted=strace
  shift
fi

# First: an engine may run although the images could not be made.
trap '"$docker" stop' EXIT
settings=$("$docker" ensure $wanted)
eval "$settings"
"$@"
