#!/bin/bash
# The check of the alerts (tests/alerts.sh).

make_alerts() {
  mkdir -p "$world/repo/deploy/prometheus"
  cp "$root/tests/alerts.sh" "$world/repo/tests/"
}

test_without_promtool_the_script_says_what_to_install() {
  make_alerts
  fails in_world tests/alerts.sh
  said "promtool is missing. Install Prometheus"
}

test_the_promtool_of_the_machine_is_used() {
  make_alerts
  stub promtool 'echo "$*"'
  in_world tests/alerts.sh
  said "check config prometheus.yml"
  said "test rules alerts_test.yml"
}

test_a_failed_check_fails_the_script() {
  make_alerts
  stub promtool '[ "$1" = check ]'
  fails in_world tests/alerts.sh
}
