#!/bin/bash
# The word check (tests/words.sh).

make_pages() {
  cp "$root/tests/words.sh" "$root/tests/words.txt" "$world/repo/tests/"
  printf '# none\n' >"$world/repo/tests/words-allowed.txt"
  mkdir -p "$world/repo/src/Runs.Some/obj" "$world/repo/docs" "$world/repo/samples"
  echo '/// <summary>Sends the reply to the caller.</summary>' >"$world/repo/src/Runs.Some/Some.cs"
  echo 'var told = 1;' >"$world/repo/src/Runs.Some/obj/Generated.cs"
  printf '# Page\n\nThe timestamp of the run.\n' >"$world/repo/docs/page.md"
}

test_pages_without_listed_words_pass() {
  make_pages
  in_world tests/words.sh
}

test_a_listed_word_in_a_comment_fails() {
  make_pages
  echo '// Nobody is told.' >>"$world/repo/src/Runs.Some/Some.cs"
  fails in_world tests/words.sh
  printed 'src/Runs.Some/Some.cs:2: "told": write return, publish, notify, state'
  said 'src/Runs.Some/Some.cs:2: "nobody"'
}

test_a_listed_word_in_an_identifier_fails() {
  make_pages
  printf 'private int _runStamp;\nconst int MostBytes = 1;\n' >>"$world/repo/src/Runs.Some/Some.cs"
  fails in_world tests/words.sh
  printed 'src/Runs.Some/Some.cs:2: "stamp": write version' 'src/Runs.Some/Some.cs:3: write Max'
}

test_a_listed_word_in_a_page_fails() {
  make_pages
  echo 'A create may be called off.' >>"$world/repo/docs/page.md"
  fails in_world tests/words.sh
  printed 'docs/page.md:4: "called off": write cancel'
}

test_an_exception_allows_a_word_in_its_file_only() {
  make_pages
  echo 'catch (AccessDenied)' >>"$world/repo/src/Runs.Some/Some.cs"
  printf 'src/Runs.Some/Some.cs\taccess denied\tthe name of a member of .NET\n' >"$world/repo/tests/words-allowed.txt"
  in_world tests/words.sh
  echo 'Access denied.' >>"$world/repo/docs/page.md"
  fails in_world tests/words.sh
  said 'docs/page.md:4: "denied"'
}

test_an_exception_that_nothing_needs_fails() {
  make_pages
  printf 'src/Runs.Some/Some.cs\taccess denied\ta reason\n' >"$world/repo/tests/words-allowed.txt"
  fails in_world tests/words.sh
  said 'nothing needs the exception "access denied" of src/Runs.Some/Some.cs'
}

test_an_exception_without_a_reason_fails() {
  make_pages
  echo 'catch (AccessDenied)' >>"$world/repo/src/Runs.Some/Some.cs"
  printf 'src/Runs.Some/Some.cs\taccess denied\n' >"$world/repo/tests/words-allowed.txt"
  fails in_world tests/words.sh
  said 'no reason'
}

test_the_contributing_page_shows_each_word_of_the_list() {
  local entry word
  while IFS=$'\t' read -r entry _; do
    case "$entry" in '' | '#'* | =*) continue ;; esac
    word=${entry%%|*}
    grep -qi -- "| .*$word" "$root/CONTRIBUTING.md" || { echo "CONTRIBUTING.md does not list: $word"; return 1; }
  done <"$root/tests/words.txt"
}
