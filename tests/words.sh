#!/usr/bin/env bash
# Finds the words of tests/words.txt in the code and the pages. tests/words-allowed.txt has the exceptions.
# Prints "file:line: word: write this instead" for each, and fails if there is any, or an exception that nothing needs.
set -euo pipefail
cd "$(dirname "$0")/.."
list=${1:-tests/words.txt}
allowed=${2:-tests/words-allowed.txt}

pages() {
  find src tests compose -name '*.cs' ! -path '*/obj/*' ! -path '*/bin/*'
  find samples '(' -name '*.cs' -o -name '*.mjs' ')' ! -path '*/node_modules/*' ! -path '*/obj/*' ! -path '*/bin/*'
  find docs samples src tests compose -name '*.md' ! -path '*/node_modules/*'
  find tests compose '(' -name '*.sh' -o -name '*.mjs' -o -name '*.yaml' -o -name '*.env' ')' ! -name words.sh ! -name words_tests.sh \
    ! -path '*/node_modules/*' ! -path '*/obj/*' ! -path '*/bin/*'
  [ ! -e deploy ] || find deploy -name '*.yml'
  for page in README.md CONTRIBUTING.md CHANGELOG.md SECURITY.md Makefile Runs.Api.http; do [ ! -e "$page" ] || echo "$page"; done
}

# One awk for all files. Identifiers are split into words: "RefusalCodes" is "refusal codes".
# shellcheck disable=SC2016 # the fields are those of awk
pages | LC_ALL=C sort | tr '\n' '\0' | LC_ALL=C xargs -0 awk -v list="$list" -v allowed="$allowed" '
  function words(text) {
    while (match(text, /[a-z0-9][A-Z]/)) text = substr(text, 1, RSTART) " " substr(text, RSTART + 1)
    text = tolower(text)
    gsub(/[^a-z0-9]+/, " ", text)
    return " " text " "
  }
  function is_allowed(text,   i) {
    for (i = 1; i <= exceptions; i++) if (index(FILENAME, path[i]) == 1 && index(text, words(phrase[i]))) { used[i] = 1; return 1 }
    return 0
  }
  BEGIN {
    FS = "\t"
    while ((getline line < list) > 0) {
      if (line ~ /^#/ || line == "") continue
      split(line, fields, "\t")
      if (line ~ /^=/) { raw[++raws] = substr(fields[1], 2); raw_advice[raws] = fields[2]; continue }
      pattern[++patterns] = " (" fields[1] ") "; advice[patterns] = fields[2]; all = all (patterns > 1 ? "|" : "") fields[1]
    }
    all = " (" all ") "
    while ((getline line < allowed) > 0) {
      if (line ~ /^#/ || line == "") continue
      split(line, fields, "\t")
      path[++exceptions] = fields[1]; phrase[exceptions] = fields[2]
      if (fields[3] == "") { print allowed ": no reason: " line; found = 1 }
    }
  }
  FILENAME == "CONTRIBUTING.md" && /^\|/ { next } # the list itself
  {
    text = words($0)
    if (text ~ all && !is_allowed(text)) for (i = 1; i <= patterns; i++) if (match(text, pattern[i])) {
      print FILENAME ":" FNR ": \"" substr(text, RSTART + 1, RLENGTH - 2) "\": write " advice[i]
      found = 1
    }
    for (i = 1; i <= raws; i++) if ($0 ~ raw[i] && !is_allowed(text)) { print FILENAME ":" FNR ": write " raw_advice[i]; found = 1 }
  }
  END {
    for (i = 1; i <= exceptions; i++) if (!used[i]) { print allowed ": nothing needs the exception \"" phrase[i] "\" of " path[i]; found = 1 }
    exit found
  }'
