# How ./setup speaks: one line a step, all output in a file that is named when a step fails and gone when none did.
# Read by ./setup with `.`; not a program.

say() { printf 'setup: %s\n' "$*"; }
# Where the output goes, once there is a place.
log=''
# fail LINE…: says why, and where the output of apt and npm is
fail() {
  for line; do printf 'setup: %s\n' "$line" >&2; done
  if [ -s "$log" ]; then
    tail -n 3 "$log" | sed 's/^/setup:   | /' >&2
    printf 'setup: all the output is in %s\n' "$log" >&2
    log=''
  fi
  exit 1
}
has() { command -v "$1" >/dev/null 2>&1; }

clock=''
finish() {
  [ -z "$clock" ] || kill "$clock" 2>/dev/null || true
  [ -z "$log" ] || rm -f "$log"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

tick() {
  while :; do
    printf '\rsetup: %.60s … %d s ' "$1" $(($(date +%s) - $2))
    sleep 1
  done
}

# step WHAT COMMAND…: runs the command with its output in the log, and says in one line how long it took; on a terminal a clock runs meanwhile
step() {
  what=$1
  started=$(date +%s)
  shift
  printf '\n== %s: %s\n' "$what" "$*" >>"$log"
  if [ -t 1 ]; then
    tick "$what" "$started" 9<&- &
    clock=$!
  fi
  code=0
  "$@" </dev/null >>"$log" 2>&1 || code=$?
  if [ -n "$clock" ]; then
    kill "$clock" && wait "$clock" 2>/dev/null || true
    clock=''
    printf '\r\033[K'
  fi
  [ "$code" -eq 0 ] || return "$code"
  say "$what ($(($(date +%s) - started)) s)"
}
