#!/bin/bash
# pin-images.sh: pulls each image of images.env and writes the digest that its tag has now behind the tag. All images, or none when one
# cannot be pulled. `git diff` shows what moved. Needs an engine that reaches the registries.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
file="$root/compose/images.env"
pinned=$(mktemp "${TMPDIR:-/tmp}/runs-images.XXXXXX")
trap 'rm -f "$pinned"' EXIT
while IFS= read -r line; do
  case "$line" in
    RUNS_*_IMAGE=*)
      image=${line#*=}
      tag=${image%%@*}
      echo "pulling $tag" >&2
      docker pull --quiet "$tag" >/dev/null
      # The engine keeps the digest of the index, which is the same for every processor.
      digest=$(docker image inspect --format '{{index .RepoDigests 0}}' "$tag")
      echo "${line%%=*}=$tag@${digest##*@}"
      ;;
    *) echo "$line" ;;
  esac
done <"$file" >"$pinned"
cat "$pinned" >"$file"
grep -o '^RUNS_.*' "$file"
