#!/bin/bash
# The choice of images, and the messages when one cannot be pulled or cannot run.

test_the_images_of_images_env_are_pulled() {
  in_world compose/docker.sh ensure
  printed "export RUNS_RABBITMQ_IMAGE=rabbitmq:4.3-management" "export RUNS_MONGODB_IMAGE=mongo:8.0" "export RUNS_MONGODB_STANDIN=0"
  printed "export TESTCONTAINERS_RYUK_CONTAINER_IMAGE=testcontainers/ryuk:0.14.0"
  never_printed RYUK_DISABLED
}

test_an_image_named_in_the_environment_wins() {
  in_world RUNS_MONGODB_IMAGE=mongo:7.0 compose/docker.sh ensure
  printed "export RUNS_MONGODB_IMAGE=mongo:7.0"
}

test_a_failed_pull_says_its_last_line() {
  : >"$world/registry"
  fails in_world compose/docker.sh ensure
  said "rabbitmq:4.3-management cannot be pulled: toomanyrequests: the pull rate limit is reached" "stand-ins are built as root on Debian only"
}

test_standins_can_be_disallowed() {
  : >"$world/registry"
  fails in_world RUNS_STANDINS=never compose/docker.sh ensure
  said "toomanyrequests" "RUNS_STANDINS=never: no stand-in takes the place of rabbitmq:4.3-management"
}

test_a_named_standin_is_rejected_with_the_others() {
  fails in_world RUNS_STANDINS=never RUNS_RABBITMQ_IMAGE=runs-standin/rabbitmq:4 compose/docker.sh ensure
  said "RUNS_STANDINS=never, but runs-standin/rabbitmq:4 is a stand-in"
}

test_standins_can_be_demanded() {
  fails in_world RUNS_STANDINS=always compose/docker.sh ensure
  said "the stand-in for rabbitmq is built as root on Debian only"
  never_asked pull
}

test_another_word_for_standins_is_an_error() {
  fails in_world RUNS_STANDINS=sometimes compose/docker.sh ensure
  said "RUNS_STANDINS is never, auto or always, not 'sometimes'"
}

test_a_standin_that_is_not_there_is_not_claimed() {
  stub shasum 'exit 1'
  fails in_world compose/standins/build.sh --check rabbitmq
}

test_mongodb_8_is_not_started_on_incompatible_kernels() {
  local kernel
  for kernel in 6.19 7.0.0-22-generic 7.0.13; do
    echo "$kernel" >"$world/kernel"
    fails in_world compose/docker.sh ensure
    said "mongo:8.0 does not start on this engine" "the engine runs on Linux $kernel" "RUNS_MONGODB_IMAGE=mongo:7.0"
    never_asked "run --rm"
  done
}

test_other_kernels_are_no_obstacle() {
  local kernel
  for kernel in 6.18.44-fc-v782 7.0.14 10.0; do
    echo "$kernel" >"$world/kernel"
    in_world compose/docker.sh ensure
    printed "export RUNS_MONGODB_IMAGE=mongo:8.0"
  done
}

test_mongodb_7_starts_on_kernels_incompatible_with_mongodb_8() {
  echo 7.0.0 >"$world/kernel"
  in_world RUNS_MONGODB_IMAGE=mongo:7.0 compose/docker.sh ensure
  printed "export RUNS_MONGODB_IMAGE=mongo:7.0"
}

test_the_check_of_the_machine_can_be_switched_off() {
  echo 7.0.0 >"$world/kernel"
  in_world RUNS_CHECK_MACHINE=no compose/docker.sh ensure
  printed "export RUNS_MONGODB_IMAGE=mongo:8.0"
}

test_a_processor_without_avx_is_named() {
  echo 'flags : fpu sse4_2 avx512_none' >"$world/processor"
  fails in_world RUNS_STANDINS=never compose/docker.sh ensure
  said "MongoDB needs a processor with AVX"
}

test_an_old_arm_processor_is_named() {
  echo 'Features : fp asimd evtstrm crc32 cpuid' >"$world/processor"
  fails in_world compose/docker.sh ensure
  said "MongoDB needs ARMv8.2-A"
  echo 'Features : fp asimd evtstrm crc32 atomics fphp cpuid' >"$world/processor"
  in_world compose/docker.sh ensure
}

test_images_are_pinned_to_the_digests_that_their_tags_have() {
  printf '%s\n' mcr.microsoft.com/dotnet/runtime-deps:10.0-noble-chiseled debian:13-slim >>"$world/registry"
  local images="$world/repo/compose/images.env" digest
  for digest in 0123 4567; do # the second time, the file has the digests of the first
    echo "sha256:$digest" >"$world/digest"
    in_world compose/pin-images.sh
    grep -qxF "RUNS_MONGODB_IMAGE=mongo:8.0@sha256:$digest" "$images"
    grep -qxF "RUNS_BASE_IMAGE=mcr.microsoft.com/dotnet/runtime-deps:10.0-noble-chiseled@sha256:$digest" "$images"
    [ "$(grep -c '^#' "$images")" = "$(grep -c '^#' "$root/compose/images.env")" ]
    sed -n 's/^RUNS_.*_IMAGE=//p' "$images" >>"$world/registry"
    in_world compose/docker.sh ensure
    printed "export RUNS_MONGODB_IMAGE=mongo:8.0@sha256:$digest"
  done
}

test_no_image_is_pinned_when_one_cannot_be_pulled() {
  echo sha256:0123 >"$world/digest"
  fails in_world compose/pin-images.sh
  asked "pull mcr.microsoft.com/dotnet/runtime-deps"
  [ "$(ls "$world/repo/compose" | grep -c '^images\.env')" = 1 ]
  diff "$root/compose/images.env" "$world/repo/compose/images.env"
}

test_images_are_named_in_one_place() {
  local named
  named=$(cd "$root" && find compose tests -type f \( -name '*.sh' -o -name '*.yaml' -o -name '*.cs' -o -name Dockerfile \) \
    -exec grep -nHE '(mongo|rabbitmq|ryuk|runtime-deps|debian):[0-9]+(\.|-|"|$)' {} + | grep -vE 'runs-standin/|mongo:7.0|^tests/scripts/') || true
  [ -z "$named" ] || { echo "$named"; return 1; }
}
