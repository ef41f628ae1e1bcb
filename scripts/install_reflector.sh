#!/usr/bin/env bash
# Installs the agent into a folder of its own, from a clone: see usage(). Run again it upgrades what is there.
set -euo pipefail

usage() {
  cat <<'END'
usage: scripts/install_reflector.sh DIR [option]...
  --endpoint URL           where samples are posted (http://10.0.0.100:3000/api/metrics/batch);
                           without one they are kept in DIR/state/samples.jsonl
  --command-endpoint URL   a queue of commands (http://10.0.0.100:3000/api/commands): whatever it says is run
  --hostname NAME          default: the host's own name
  --rack NAME
  --position X Y Z         metres, as in --position -3.2 1.0 4.4
What isn't given is asked for when standard input is a terminal, and left out otherwise. A configuration that is in DIR
already is kept, and nothing asked, unless one of these options is given: then it is replaced and a copy kept.
Exit codes: 0 installed, 1 failed, 2 wrong usage, 78 the agent refused the configuration.
END
}

refuse() {
  echo "install_reflector: $1" >&2
  echo "install_reflector: --help shows the usage" >&2
  exit 2
}

source_dir=$(dirname -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")")
config_file=reflector.toml

# --- arguments

dir=
endpoint=
command_endpoint=
hostname=
rack=
position=()
given=()  # the options seen

need_values() {  # option, how many, how many there are
  (($3 >= $2)) || refuse "$1 needs $2 value$( (($2 == 1)) || echo s)"
}

only_positional=false
while (($#)); do
  argument=$1
  shift
  if ! $only_positional && [[ $argument == --?*=* ]]; then
    set -- "${argument#*=}" "$@"
    argument=${argument%%=*}
  fi
  if $only_positional || [[ $argument != -* ]]; then
    [[ -z $dir ]] || refuse "one folder only, and not \"$argument\" too"
    [[ -n $argument ]] || refuse "the folder's name is empty"
    dir=$argument
    continue
  fi
  case $argument in
    --) only_positional=true ;;
    --endpoint) need_values "$argument" 1 $#; endpoint=$1; given+=("$argument"); shift ;;
    --command-endpoint) need_values "$argument" 1 $#; command_endpoint=$1; given+=("$argument"); shift ;;
    --hostname) need_values "$argument" 1 $#; hostname=$1; given+=("$argument"); shift ;;
    --rack) need_values "$argument" 1 $#; rack=$1; given+=("$argument"); shift ;;
    --position) need_values "$argument" 3 $#; position=("$1" "$2" "$3"); given+=("$argument"); shift 3 ;;
    -h | --help) usage; exit 0 ;;
    *) refuse "no such option: $argument" ;;
  esac
done

is_given() {
  local option
  for option in "${given[@]}"; do [[ $option == "$1" ]] && return 0; done
  return 1
}

is_number() { [[ $1 =~ ^[+-]?(0|[1-9][0-9]{0,14})(\.[0-9]+)?$ ]]; }

check_position() {
  local axis
  for axis in "${position[@]}"; do
    is_number "$axis" || { echo "the position is three numbers such as -3.2 1.0 4.4, and not \"$axis\""; return 1; }
  done
}
problem=$(check_position) || refuse "$problem"

has_terminal=false
if [[ -t 0 ]]; then has_terminal=true; fi

ask() {  # question; answers in $answer, empty at the end of the input
  printf '%s: ' "$1" >&2
  IFS= read -r answer || { answer=; echo >&2; }
}

if [[ -z $dir ]]; then
  $has_terminal || refuse "which folder? (there is no terminal to ask)"
  ask "Folder to install into [$HOME/mirror_stage_reflector]"
  dir=${answer:-$HOME/mirror_stage_reflector}
fi
# A systemd unit and a pid file are line by line.
[[ $dir != *[[:cntrl:]]* ]] || refuse "the folder's name contains control characters"
[[ ! -e $dir || -d $dir ]] || refuse "$dir is there and is not a folder"
[[ $dir == /* ]] || dir=$PWD/$dir

keep_configuration=false
if [[ -e $dir/$config_file ]]; then
  if ((${#given[@]} == 0)); then
    keep_configuration=true
  elif ! is_given --endpoint; then
    # A configuration is replaced whole; without this a new rack would silently end the delivery.
    refuse "$dir/$config_file is there and would be replaced whole: give --endpoint too, or edit it"
  fi
elif $has_terminal; then
  is_given --endpoint || { ask "Endpoint of EGO, as http://10.0.0.100:3000/api/metrics/batch [none: keep samples in a file]"; endpoint=$answer; }
  is_given --command-endpoint || { ask "Command queue, as http://10.0.0.100:3000/api/commands; what it says will be run [none]"; command_endpoint=$answer; }
  is_given --hostname || { ask "Name of this host [its own: $(uname -n)]"; hostname=$answer; }
  is_given --rack || { ask "Rack [none]"; rack=$answer; }
  while ! is_given --position; do
    ask "Position, as -3.2 1.0 4.4 [none]"
    read -r -a position <<<"$answer"
    ((${#position[@]} == 0 || ${#position[@]} == 3)) || { echo "three numbers, or nothing" >&2; continue; }
    problem=$(check_position) && break
    echo "$problem" >&2
  done
fi

# --- the binary

binary=${REFLECTOR_BINARY:-$source_dir/build/reflector}
if [[ ! -x $binary ]]; then
  [[ -f $source_dir/CMakeLists.txt ]] || {
    echo "install_reflector: $binary is not there, and neither is the source to build it from (run this from a clone)" >&2
    exit 1
  }
  "$source_dir/scripts/install_packages" build
  "$source_dir/scripts/build"
fi

# --- the configuration

# A TOML basic string, bytes above 127 as they are: the agent refuses what is not UTF-8.
toml_string() {
  local LC_ALL=C text=$1 code character escaped
  text=${text//\\/"\\\\"}
  text=${text//\"/'\"'}
  for code in {1..31} 127; do
    printf -v escaped '\\u%04X' "$code"
    printf -v character '%b' "$escaped"
    text=${text//"$character"/"$escaped"}
  done
  printf '"%s"' "$text"
}

toml_float() {
  if [[ $1 == *.* ]]; then printf '%s' "$1"; else printf '%s.0' "$1"; fi
}

print_configuration() {
  echo "# Written by install_reflector.sh. Every key and its default: config/reflector.example.toml in the source."
  echo "# \"./reflector check -c $config_file\" shows what is in effect."
  echo
  echo "[agent]"
  if [[ -n $hostname ]]; then echo "hostname = $(toml_string "$hostname")"; fi
  if [[ -n $rack ]]; then echo "rack = $(toml_string "$rack")"; fi
  if ((${#position[@]})); then
    echo "position = { x = $(toml_float "${position[0]}"), y = $(toml_float "${position[1]}"), z = $(toml_float "${position[2]}") }"
  fi
  echo 'state_dir = "state"'
  echo
  echo "[log]"
  echo 'file = "logs/reflector.log"'
  echo
  echo "[[endpoint]]"
  if [[ -n $endpoint ]]; then
    echo 'name = "ego"'
    echo 'kind = "ego"'
    echo "url = $(toml_string "$endpoint")"
  else
    echo 'name = "local"'
    echo 'kind = "file"'
    echo 'path = "samples.jsonl"  # in state_dir'
  fi
  if [[ -n $command_endpoint ]]; then
    echo
    echo "[[commands]]"
    echo "url = $(toml_string "$command_endpoint")"
    echo 'policy = "any"  # whatever the queue says is run, as the user that the agent runs as'
  fi
}

mkdir -p -- "$dir"
dir=$(cd -- "$dir" && pwd -P)
[[ $dir != "$(cd -- "$source_dir" && pwd -P)" ]] || refuse "$dir is the source; install into a folder of its own"
mkdir -p -- "$dir/logs"

staged=("$dir/.reflector.$$" "$dir/.$config_file.$$")
trap 'rm -f -- "${staged[@]}"' EXIT

# By rename: an agent that runs goes on with the binary it was started from.
cp -- "$binary" "${staged[0]}"
chmod 755 -- "${staged[0]}"
was_there=false
if [[ -e $dir/reflector ]]; then was_there=true; fi

if ! $keep_configuration; then
  (umask 077 && print_configuration >"${staged[1]}")
  if ! refusal=$("${staged[0]}" check -c "${staged[1]}" 2>&1 >/dev/null); then
    echo "install_reflector: the agent refuses this configuration; nothing was changed:" >&2
    printf '%s\n' "$refusal" >&2
    exit 78
  fi
  [[ -z $refusal ]] || printf '%s\n' "${refusal//"${staged[1]}"/"$dir/$config_file"}" >&2
  if [[ -e $dir/$config_file ]]; then
    copy=$dir/$config_file.$(date +%Y%m%d-%H%M%S)
    while [[ -e $copy ]]; do copy+=x; done
    cp -p -- "$dir/$config_file" "$copy"
  fi
fi
mv -f -- "${staged[0]}" "$dir/reflector"
$keep_configuration || mv -f -- "${staged[1]}" "$dir/$config_file"

# --- what starts and stops it

for script in start_reflector.sh stop_reflector.sh; do
  cp -- "$source_dir/scripts/installed/$script" "$dir/.$script.$$"
  chmod 755 -- "$dir/.$script.$$"
  mv -f -- "$dir/.$script.$$" "$dir/$script"
done

print_unit() {
  # A % begins a specifier everywhere; within quotes \ and " are special too.
  local plain=${dir//%/%%} quoted
  quoted=${plain//\\/"\\\\"}
  quoted=${quoted//\"/'\"'}
  cat <<END
[Unit]
Description=MIRROR STAGE Reflector, the field agent
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=0

[Service]
Type=notify
NotifyAccess=main
# Fed by the agent only while it makes progress; without that for so long it is killed and started again.
WatchdogSec=30s
User=$(id -un)
WorkingDirectory=$plain
# By way of a shell in the working folder, because systemd takes no quote or backslash in a program's path.
ExecStart=/bin/sh -c "exec ./reflector run -c $config_file"
ExecReload=/bin/kill -HUP \$MAINPID
Restart=always
RestartSec=5s
# Wrong usage or a refused configuration does not get better by itself.
RestartPreventExitStatus=2 78
# The agent ends its commands and itself within 5 s of SIGTERM; only then is the rest of the group killed.
KillMode=mixed
TimeoutStopSec=15s
LimitCORE=0
END
  if grep -qE '^[[:space:]]*\[\[[[:space:]]*commands' -- "$dir/$config_file"; then
    cat <<'END'
# Nothing stricter here: commands inherit it, and sudo, package managers or a file in /etc would fail in them. Without
# [[commands]] in the configuration, install again for a unit that is closed further.
END
  else
    cat <<END
# It runs no commands, so it needs nothing but its folder, the network, and /proc and /sys to read.
NoNewPrivileges=yes
CapabilityBoundingSet=CAP_DAC_READ_SEARCH CAP_SYS_PTRACE
ProtectSystem=strict
ReadWritePaths="$quoted"
ProtectKernelModules=yes
ProtectControlGroups=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
END
  fi
  cat <<END

[Install]
WantedBy=multi-user.target
END
}
print_unit >"$dir/reflector.service"

# --- what was done

if $was_there; then echo "Upgraded the agent in $dir"; else echo "Installed the agent in $dir"; fi
if $keep_configuration; then
  echo "  configuration   $dir/$config_file, as it was"
else
  echo "  configuration   $dir/$config_file${copy+; the one before: $copy}"
  if [[ -z $endpoint ]]; then
    echo "  no endpoint     samples are kept in $dir/state/samples.jsonl and sent nowhere"
  fi
  if [[ -n $command_endpoint ]]; then
    echo "  commands        policy \"any\": whatever $command_endpoint says is run as $(id -un)"
  fi
fi
if [[ -e $dir/config.json && ! $keep_configuration == true ]]; then
  echo "  config.json     of the agent before this one is not read; \"./reflector migrate config.json\" prints it as TOML"
fi
printf '  start, stop     %q, %q\n' "$dir/start_reflector.sh" "$dir/stop_reflector.sh"
printf '  or by systemd   sudo cp %q /etc/systemd/system/ && sudo systemctl enable --now reflector\n' "$dir/reflector.service"
if [[ -e $dir/reflector.pid ]]; then
  echo "An agent that runs there takes this up when it is stopped and started."
fi
