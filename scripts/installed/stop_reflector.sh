#!/usr/bin/env bash
# Stops the agent of this folder that start_reflector.sh started, and waits until it has ended.
set -euo pipefail
cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")"
dir=$(pwd -P)

# See start_reflector.sh for the pid file.
start_time_of() {
  local stat
  stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
  stat=${stat##*) }
  local fields
  read -r -a fields <<<"$stat"
  [[ ${fields[0]} != Z ]] || return 1  # it has ended; its parent has not noticed
  echo "${fields[19]}"
}

{ read -r pid && read -r started && read -r boot; } 2>/dev/null <reflector.pid || {
  echo "The agent does not run (no pid file)"
  exit 0
}
same_process() {
  [[ $boot == "$(cat /proc/sys/kernel/random/boot_id)" && $(start_time_of "$pid") == "$started" ]]
}
executable=
if [[ $pid =~ ^[1-9][0-9]*$ ]] && same_process; then executable=$(readlink "/proc/$pid/exe" || true); fi
if [[ ${executable% (deleted)} != "$dir/reflector" ]]; then
  echo "The agent does not run (what the pid file names has ended, or is another program)"
  rm -f reflector.pid
  exit 0
fi

kill -TERM "$pid"
# The agent needs 5 s at most.
for _ in {1..150}; do
  if ! same_process; then
    rm -f reflector.pid
    echo "Stopped the agent: pid $pid"
    exit 0
  fi
  sleep 0.1
done
echo "The agent (pid $pid) did not end within 15 s of SIGTERM; killing it" >&2
kill -KILL "$pid" 2>/dev/null || true
rm -f reflector.pid
exit 1
