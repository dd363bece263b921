#!/bin/bash
# The development stack.

test_the_connection_strings_are_printed() {
  in_world compose/up.sh backing
  . "$world/repo/compose/.env"
  printed "ConnectionStrings__RabbitMq=amqp://runs:$RUNS_RABBITMQ_PASSWORD@127.0.0.1:5672/" \
    "ConnectionStrings__MongoDb=mongodb://runs:$RUNS_MONGODB_PASSWORD@127.0.0.1:27017/runs?authSource=admin&directConnection=true"
  asked "up --detach --wait --wait-timeout 180 rabbitmq mongodb"
}

test_passwords_are_made_once_and_kept_from_others() {
  in_world compose/up.sh backing
  cp "$world/repo/compose/.env" "$world/first"
  in_world compose/up.sh backing
  cmp "$world/first" "$world/repo/compose/.env"
  [ "$(ls -l "$world/first" "$world/repo/compose/.env" | grep -c '^-rw-------')" = 2 ]
  [ "$(sort -u "$world/first" | grep -cE '^RUNS_(RABBITMQ|MONGODB)_PASSWORD=[0-9a-f]{48}$')" = 2 ]
}

test_volumes_with_other_passwords_are_named() {
  echo runs_rabbitmq >"$world/volumes"
  fails in_world compose/up.sh backing
  said "the volume runs_rabbitmq keeps the passwords of an earlier stack" "make down VOLUMES=1"
}

test_a_stack_that_does_not_come_up_shows_the_last_lines() {
  echo 1 >"$world/compose"
  printf '%s\n' "runs-mongodb-1 Exited (132) 2 seconds ago" "runs-rabbitmq-1 Up 5 seconds (healthy)" >"$world/containers"
  fails in_world compose/up.sh backing
  said "runs-mongodb-1: Exited (132) 2 seconds ago" "the reason why runs-mongodb-1 ended" "Exit code 132 is an illegal instruction" "the stack is not up"
  never_asked "logs --tail 20 runs-rabbitmq-1"
}

test_passwords_go_with_the_data() {
  in_world compose/up.sh backing
  in_world compose/down.sh
  [ -e "$world/repo/compose/.env" ]
  in_world VOLUMES=1 compose/down.sh
  [ ! -e "$world/repo/compose/.env" ]
  asked "down --remove-orphans --volumes"
}
