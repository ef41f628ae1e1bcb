#!/usr/bin/env bash
# Starts the agent of this folder in the background. One that runs already is left alone.
set -euo pipefail
cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")"
dir=$(pwd -P)
config=${MIRROR_STAGE_REFLECTOR_CONFIG:-$dir/reflector.toml}

# The pid file says which process: its number, when it started (clock ticks since boot), and which boot that was.
start_time_of() {
  local stat
  stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
  stat=${stat##*) }  # the name before it may contain anything
  local fields
  read -r -a fields <<<"$stat"
  echo "${fields[19]}"
}

runs_as() {  # prints the pid if the pid file names an agent of this folder that runs
  local pid started boot executable
  { read -r pid && read -r started && read -r boot; } 2>/dev/null <reflector.pid || return 1
  [[ $pid =~ ^[1-9][0-9]*$ && $boot == "$(cat /proc/sys/kernel/random/boot_id)" ]] || return 1
  [[ $(start_time_of "$pid") == "$started" ]] || return 1
  executable=$(readlink "/proc/$pid/exe") || return 1
  # After an upgrade the running one's file is gone.
  [[ ${executable% (deleted)} == "$dir/reflector" ]] || return 1
  echo "$pid"
}

exec 9>.lock
flock 9
if pid=$(runs_as); then
  echo "The agent runs already: pid $pid"
  exit 0
fi
rm -f reflector.pid

./reflector check -c "$config" >/dev/null || exit
mkdir -p logs
# What it writes before its log is open, or if it crashes. It begins anew with each start, so it stays small.
setsid ./reflector run -c "$config" >logs/start.log 2>&1 </dev/null 9>&- &
pid=$!
if started=$(start_time_of "$pid"); then
  printf '%s\n' "$pid" "$started" "$(cat /proc/sys/kernel/random/boot_id)" >.reflector.pid.new
  mv -f .reflector.pid.new reflector.pid
fi

# What makes it give up shows at once: a folder it may not write, a broken library.
for _ in {1..10}; do
  if ! kill -0 "$pid" 2>/dev/null; then
    status=0
    wait "$pid" || status=$?
    rm -f reflector.pid
    echo "The agent ended at once, with exit code $status:" >&2
    tail -n 20 logs/start.log >&2
    if [[ -f logs/reflector.log ]]; then tail -n 5 logs/reflector.log >&2; fi
    exit $((status ? status : 1))
  fi
  sleep 0.1
done
echo "Started the agent: pid $pid, log $dir/logs/reflector.log"
