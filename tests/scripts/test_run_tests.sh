#!/bin/bash
# The closing lines of a test run (tests/run.sh).

make_suite() {
  mkdir -p "$world/repo/tests/scripts"
  printf '#!%s\necho "passed a script" >"$1"\n' "$bash" >"$world/repo/tests/scripts/run.sh"
  printf '#!%s\n[ -z "${WRONG_WORDS:-}" ]\n' "$bash" >"$world/repo/tests/words.sh"
  printf '#!%s\n[ -z "${BROKEN_README:-}" ]\n' "$bash" >"$world/repo/tests/readme-worker.sh"
  printf '#!%s\n[ -z "${BROKEN_ALERTS:-}" ]\n' "$bash" >"$world/repo/tests/alerts.sh"
  chmod +x "$world/repo/tests/words.sh" "$world/repo/tests/readme-worker.sh" "$world/repo/tests/alerts.sh" "$world/repo/tests/scripts/run.sh" "$world/repo"/compose/*.sh
  stub node :
  stub npm :
  stub dotnet '
case "$1 ${2:-}" in
  "test "*)
    mkdir -p artifacts/test-results
    [ "${FAILED:-0}" = 0 ] || echo "<UnitTestResult testName=\"Runs.Some_test(text: &quot;a&quot;)\" outcome=\"Failed\"><Output/>" >artifacts/test-results/results.trx
    echo "<Counters total=\"3\" executed=\"3\" passed=\"${PASSED:-3}\" failed=\"${FAILED:-0}\" error=\"0\" />" >"artifacts/test-results/${2##*/}.trx"
    [ "${FAILED:-0}" = 0 ] ;;
  "$BROKEN "*) exit 1 ;;
esac'
}

closes_with() {
  [ "$(tail -n 1 "$world/printed")" = "$1" ] || { echo "the last line is not: $1"; return 1; }
}

test_a_run_closes_with_the_count_and_names_its_images_before() {
  make_suite
  in_world tests/run.sh all
  closes_with "18 passed, 0 failed"
  said "Ran on RabbitMQ: rabbitmq:4.3-management, MongoDB: mongo:8.0: their own images"
}

test_a_worker_that_cannot_be_made_as_the_readme_says_fails_the_run() {
  make_suite
  fails in_world BROKEN_README=1 tests/run.sh all
  said "FAILED: a worker that is made as README.md says continues after kill -9"
  closes_with "17 passed, 1 failed"
}

test_an_alert_that_does_not_fire_fails_the_run() {
  make_suite
  fails in_world BROKEN_ALERTS=1 tests/run.sh all
  said "FAILED: each alert fires when it has to"
  closes_with "17 passed, 1 failed"
}

test_a_failed_test_fails_the_run() {
  make_suite
  fails in_world PASSED=2 FAILED=1 tests/run.sh unit
  closes_with "9 passed, 4 failed"
  [ "$(tail -n 2 "$world/printed" | head -n 1)" = 'FAILED: Runs.Some_test(text: &quot;a&quot;)' ] || { echo "the failed test is not named at the end"; return 1; }
}

test_a_broken_build_fails_the_run() {
  make_suite
  fails in_world BROKEN=build tests/run.sh unit
  closes_with "0 passed, 1 failed"
}

test_the_checks_of_the_repository_are_counted() {
  make_suite
  in_world tests/run.sh verify
  closes_with "21 passed, 0 failed"
  fails in_world WRONG_WORDS=1 tests/run.sh verify
  [ "$(grep -c 'FAILED: the words are those of CONTRIBUTING.md' "$world/printed")" = 2 ] || { echo "the failed check is not named where it ran and at the end"; return 1; }
  closes_with "20 passed, 1 failed"
  fails in_world BROKEN=format tests/run.sh verify
  said "FAILED: the code is formatted: make fmt"
  closes_with "20 passed, 1 failed"
  fails in_world BROKEN=restore tests/run.sh verify
  said "FAILED: the packages are those of the lock files"
  closes_with "0 passed, 1 failed"
}

test_a_broken_build_names_no_images() {
  make_suite
  fails in_world BROKEN=build tests/run.sh all
  said "Ran on no containers: the run ended before the tests that need them"
  ! grep "their own images" "$world/output"
  fails in_world BROKEN=build RUNS_RABBITMQ_IMAGE=rabbitmq:4 RUNS_MONGODB_IMAGE=mongo:7 tests/run.sh all
  said "Ran on no containers"
}

test_no_images_fail_the_run() {
  make_suite
  : >"$world/registry"
  fails in_world tests/run.sh all
  closes_with "15 passed, 1 failed"
  said "Ran on no containers"
}

test_missing_node_is_said_first() {
  make_suite
  rm "$world/tools/npm"
  fails in_world tests/run.sh all
  said "the tests need Node.js 18 or later with npm"
  closes_with "0 passed, 1 failed"
  in_world tests/run.sh unit
}
