#!/bin/bash
# The engine: where it is, which API it speaks, one script at a time.

test_without_an_engine_the_message_names_the_remedy() {
  touch "$world/no-engine"
  fails in_world compose/docker.sh ensure
  said "no engine answers. Start Docker"
}

test_an_engine_elsewhere_that_does_not_answer_is_named() {
  touch "$world/no-engine"
  fails in_world DOCKER_HOST=tcp://builder:2376 compose/docker.sh ensure
  said "no engine answers at DOCKER_HOST=tcp://builder:2376"
}

test_the_older_api_of_client_and_engine_is_used() {
  echo 1.51 1.41 >"$world/versions"
  in_world compose/docker.sh ensure
  printed "export DOCKER_API_VERSION=1.41"
  echo 1.9 1.41 >"$world/versions"
  in_world compose/docker.sh ensure
  printed "export DOCKER_API_VERSION=1.9"
}

test_the_api_version_of_podman_is_not_passed_on() {
  echo 5.2.2 5.2.2 >"$world/versions"
  in_world compose/docker.sh ensure
  never_printed DOCKER_API_VERSION
}

test_settings_of_the_user_win() {
  in_world DOCKER_API_VERSION=1.43 TESTCONTAINERS_HOST_OVERRIDE=docker compose/docker.sh ensure
  printed "export DOCKER_API_VERSION=1.43" "export TESTCONTAINERS_HOST_OVERRIDE=docker"
}

test_an_engine_elsewhere_is_reached_by_its_name() {
  in_world DOCKER_HOST=tcp://docker:2376 compose/docker.sh ensure
  printed "export TESTCONTAINERS_HOST_OVERRIDE=docker" "export DOCKER_HOST=tcp://docker:2376"
  in_world DOCKER_HOST=ssh://me@builder compose/docker.sh ensure
  printed "export TESTCONTAINERS_HOST_OVERRIDE=builder"
  in_world 'DOCKER_HOST=tcp://[::1]:2376' compose/docker.sh ensure
  printed 'export TESTCONTAINERS_HOST_OVERRIDE=\[::1\]'
}

test_an_engine_here_is_reached_on_the_loopback() {
  in_world DOCKER_HOST=unix:///var/run/docker.sock compose/docker.sh ensure
  printed "export TESTCONTAINERS_HOST_OVERRIDE=127.0.0.1"
  in_world compose/docker.sh ensure
  printed "export TESTCONTAINERS_HOST_OVERRIDE=127.0.0.1"
  never_printed "export DOCKER_HOST"
}

test_the_tests_use_the_rootless_engine_of_the_context() {
  echo unix:///run/user/1000/docker.sock >"$world/context"
  in_world compose/docker.sh ensure
  printed "export DOCKER_HOST=unix:///run/user/1000/docker.sock" "export TESTCONTAINERS_HOST_OVERRIDE=127.0.0.1"
  never_printed SOCKET_OVERRIDE
}

test_the_tests_use_the_engine_in_a_virtual_machine() {
  echo unix:///Users/me/.colima/default/docker.sock >"$world/context"
  in_world compose/docker.sh ensure
  printed "export DOCKER_HOST=unix:///Users/me/.colima/default/docker.sock" "export TESTCONTAINERS_DOCKER_SOCKET_OVERRIDE=/var/run/docker.sock"
}

test_the_lock_of_a_killed_script_is_taken_over() {
  local dead
  dead=$("$bash" -c 'echo $$')
  mkdir -p "$world/repo/artifacts/docker/lock.d"
  echo "$dead" >"$world/repo/artifacts/docker/lock.d/pid"
  in_world compose/docker.sh ensure
  [ ! -e "$world/repo/artifacts/docker/lock.d" ]
}

test_the_lock_is_released_after_a_failure() {
  : >"$world/registry"
  fails in_world compose/docker.sh ensure
  [ ! -e "$world/repo/artifacts/docker/lock.d" ]
}

test_the_image_with_strace_is_built_on_request() {
  in_world compose/docker.sh ensure
  never_asked strace
  echo debian:13-slim >>"$world/registry"
  in_world compose/docker.sh ensure strace
  printed "export RUNS_STRACE_IMAGE=runs/strace:1"
}

test_stop_removes_what_a_killed_test_run_left() {
  printf 'one\ntwo\n' >"$world/containers"
  echo three >"$world/volumes"
  in_world RUNS_CONTAINER_OWNER=tests-7 compose/docker.sh stop
  asked "rm --force --volumes one"
  asked "rm --force --volumes two"
  asked "volume rm three"
}

test_a_command_gets_the_settings_and_its_status_is_kept() {
  stub with_settings 'echo "on $RUNS_MONGODB_IMAGE"; exit 7'
  fails in_world compose/with-docker.sh with_settings
  printed "on mongo:8.0"
}
