#!/bin/bash
# pin-images.sh: pulls each image of images.env and writes the digest that its tag has now behind the tag. All images, or none when one
# cannot be pulled. `git diff` shows what moved. Needs an engine that reaches the registries.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
file="$root/compose/images.env"
pinned=$(mktemp "$file.XXXXXX") # beside the file, which is replaced in one step
trap 'rm -f "$pinned"' EXIT
while IFS= read -r line || [ -n "$line" ]; do
  case "$line" in
    RUNS_*_IMAGE=*)
      image=${line#*=}
      tag=${image%%@*}
      [[ ${tag##*/} == *:* ]] || { echo "$image has no tag" >&2; exit 1; }
      echo "pulling $tag" >&2
      # The digest of the index, which is the same for every processor.
      digest=$(docker pull "$tag" </dev/null | sed -n 's/^Digest: //p')
      [ -n "$digest" ] || { echo "the engine did not say the digest of $tag" >&2; exit 1; }
      echo "${line%%=*}=$tag@$digest"
      ;;
    *) echo "$line" ;;
  esac
done <"$file" >"$pinned"
chmod 644 "$pinned"
mv "$pinned" "$file"
grep -o '^RUNS_.*' "$file"
