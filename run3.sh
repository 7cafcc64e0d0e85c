F=--v8-flags=--enable-experimental-regexp-engine,--enable-experimental-regexp-engine-on-excessive-backtracks
cd /tmp/c
for r in 1 2 3; do for m in --without-watch ""; do deno run -A --quiet --no-check $F tests/support/hostile_lines.ts $m > /tmp/w/h$r$m.json; done; done
