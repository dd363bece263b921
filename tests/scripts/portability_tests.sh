#!/bin/bash
# What can be seen in the text of the scripts.

scripts() { (cd "$root" && find compose tests .ci -type f \( -name '*.sh' -o -path .ci/run \) ! -path '*/artifacts/*' ! -path 'compose/standins/documentdb/*'); }

test_every_script_parses() {
  local script
  for script in $(scripts); do "$bash" -n "$root/$script"; done
}

test_no_script_needs_a_newer_bash_than_macos_has() {
  local script
  for script in $(scripts); do
    [ "$script" != tests/scripts/portability_tests.sh ] || continue
    ! grep -nE 'declare -[Agn]|local -n|mapfile|readarray|coproc|wait -n|&>>|\|&|\$\{[A-Za-z_]+(\^|,,|@[A-Z])|\[\[ -v|EPOCHSECONDS|inherit_errexit' "$root/$script" ||
      { echo "in $script"; return 1; }
  done
}

test_shellcheck_finds_nothing() {
  command -v shellcheck >/dev/null || return 0
  cd "$root"
  # Sourced files are read with those that source them.
  shellcheck $(scripts | grep -vE 'compose/(engine|images|stack)\.sh|tests/scripts/(world|.*_tests)\.sh')
}
