#!/usr/bin/env bash
# Installs the agent into a folder of its own, from a clone: see usage(). Run again it upgrades what is there.
set -euo pipefail

usage() {
  cat <<'END'
usage: scripts/install_reflector.sh DIR [option]...
  --endpoint URL           where samples are posted (http://10.0.0.100:3000/api/metrics/batch);
                           without one they are kept in DIR/state/samples.jsonl
  --command-endpoint URL   a queue of commands (http://10.0.0.100:3000/api/commands)
  --command-policy POLICY  what of it is run: deny: nothing (the default); allow: what the rules have; signed: what one
                           of the keys has signed, and with rules only what they have; any: whatever it says
  --command-rules FILE     for allow and signed; copied into DIR (config/command-rules.example.toml in the source)
  --command-keys FILE      for signed: the public keys, one a line; copied into DIR ("reflector sign keygen" makes them)
  --allow-root-over-http   for any, where the agent runs as root and the URL is http: anybody on the way is root then
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
rules_file=command-rules.toml
keys_file=command-keys

# --- arguments

dir=
endpoint=
command_endpoint=
command_policy=
command_rules=
command_keys=
allow_root_over_http=false
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
    --command-policy) need_values "$argument" 1 $#; command_policy=$1; given+=("$argument"); shift ;;
    --command-rules) need_values "$argument" 1 $#; command_rules=$1; given+=("$argument"); shift ;;
    --command-keys) need_values "$argument" 1 $#; command_keys=$1; given+=("$argument"); shift ;;
    --allow-root-over-http) allow_root_over_http=true; given+=("$argument") ;;
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

is_policy() { [[ $1 == deny || $1 == allow || $1 == signed || $1 == any ]]; }

check_command_options() {
  local option
  if is_given --command-policy && ! is_policy "$command_policy"; then
    echo "the policy is deny, allow, signed or any, and not \"$command_policy\""
    return 1
  fi
  for option in --command-policy --command-rules --command-keys --allow-root-over-http; do
    if is_given "$option" && [[ -z $command_endpoint ]]; then
      echo "$option is about a queue of commands: give --command-endpoint too"
      return 1
    fi
  done
  if is_given --command-rules && [[ $command_policy != allow && $command_policy != signed ]]; then
    echo "--command-rules needs --command-policy allow or signed"
  elif is_given --command-keys && [[ $command_policy != signed ]]; then
    echo "--command-keys needs --command-policy signed"
  elif $allow_root_over_http && [[ $command_policy != any ]]; then
    echo "--allow-root-over-http needs --command-policy any"
  elif [[ $command_policy == allow ]] && ! is_given --command-rules; then
    echo "--command-policy allow needs --command-rules"
  elif [[ $command_policy == signed ]] && ! is_given --command-keys; then
    echo "--command-policy signed needs --command-keys"
  elif is_given --command-rules && [[ ! -f $command_rules || ! -r $command_rules ]]; then
    echo "--command-rules: $command_rules is no file that can be read"
  elif is_given --command-keys && [[ ! -f $command_keys || ! -r $command_keys ]]; then
    echo "--command-keys: $command_keys is no file that can be read"
  else
    return 0
  fi
  return 1
}
problem=$(check_command_options) || refuse "$problem"

has_terminal=false
if [[ -t 0 ]]; then has_terminal=true; fi

ask() {  # question; answers in $answer, empty at the end of the input
  printf '%s: ' "$1" >&2
  IFS= read -r answer || { answer=; echo >&2; }
}

ask_for_policy() {
  local asked=()
  while true; do
    ask "Policy: deny runs nothing, allow what rules have, signed what a key has signed, any whatever the queue says [deny]"
    command_policy=${answer:-deny}
    is_policy "$command_policy" && break
    echo "deny, allow, signed or any" >&2
  done
  if [[ $command_policy == allow ]]; then asked=(command_rules Rules); fi
  if [[ $command_policy == signed ]]; then asked=(command_keys "Public keys"); fi
  while ((${#asked[@]})); do
    ask "${asked[1]}, the file to copy [none: policy deny]"
    if [[ -z $answer ]]; then
      command_policy=deny
    elif [[ ! -f $answer || ! -r $answer ]]; then
      echo "that is no file that can be read" >&2
      continue
    fi
    printf -v "${asked[0]}" %s "$answer"
    break
  done
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
  if ! is_given --command-endpoint; then
    ask "Command queue, as http://10.0.0.100:3000/api/commands [none]"
    command_endpoint=$answer
  fi
  if [[ -n $command_endpoint ]] && ! is_given --command-policy; then ask_for_policy; fi
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

# A TOML basic string, bytes above 127 as they are: the agent refuses what is not UTF-8. ${ would be a variable's beginning.
toml_string() {
  local LC_ALL=C text=$1 code character escaped
  text=${text//\\/"\\\\"}
  text=${text//\"/'\"'}
  text=${text//\$\{/"\$\${"}
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

print_configuration() {  # the names of the rules and of the keys, in $dir
  echo "# Written by install_reflector.sh. Every key and its default: config/example.toml in the source."
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
    echo "policy = \"${command_policy:-deny}\"  # deny, allow, signed or any: see the example"
    if [[ -n $command_rules ]]; then echo "rules_file = \"$1\""; fi
    if [[ -n $command_keys ]]; then echo "keys_file = \"$2\""; fi
    if $allow_root_over_http; then echo 'allow_root_over_http = true'; fi
  fi
}

# The agent trusts no file that decides what is run in a folder that others may write.
umask go-w
mkdir -p -- "$dir"
dir=$(cd -- "$dir" && pwd -P)
[[ $dir != "$(cd -- "$source_dir" && pwd -P)" ]] || refuse "$dir is the source; install into a folder of its own"
mkdir -p -- "$dir/logs"

staged=("$dir/.reflector.$$" "$dir/.$config_file.$$" "$dir/.$rules_file.$$" "$dir/.$keys_file.$$")
trap 'rm -f -- "${staged[@]}"' EXIT

# By rename: an agent that runs goes on with the binary it was started from.
cp -- "$binary" "${staged[0]}"
chmod 755 -- "${staged[0]}"
was_there=false
if [[ -e $dir/reflector ]]; then was_there=true; fi

# What is installed already is kept beside it if it is another.
keep_copy() {  # the file, what replaces it
  [[ -e $1 ]] && ! cmp -s -- "$1" "$2" || return 0
  copy=$1.$(date +%Y%m%d-%H%M%S)
  while [[ -e $copy ]]; do copy+=x; done
  cp -p -- "$1" "$copy"
}

# By the names that the operator knows, in place of those that are gone in a moment.
in_known_names() {
  local text=$1
  text=${text//"${staged[1]}"/"$dir/$config_file"}
  text=${text//"${staged[2]}"/"${command_rules:-}"}
  printf '%s\n' "${text//"${staged[3]}"/"${command_keys:-}"}"
}

if ! $keep_configuration; then
  [[ -z $command_rules ]] || install -m 644 -- "$command_rules" "${staged[2]}"
  [[ -z $command_keys ]] || install -m 644 -- "$command_keys" "${staged[3]}"
  # Judged with the copies that are not in place yet.
  (umask 077 && print_configuration ".$rules_file.$$" ".$keys_file.$$" >"${staged[1]}")
  if ! refusal=$("${staged[0]}" check -c "${staged[1]}" 2>&1 >/dev/null); then
    echo "install_reflector: the agent refuses this configuration; nothing was changed:" >&2
    in_known_names "$refusal" >&2
    exit 78
  fi
  [[ -z $refusal ]] || in_known_names "$refusal" >&2
  (umask 077 && print_configuration "$rules_file" "$keys_file" >"${staged[1]}")
fi
mv -f -- "${staged[0]}" "$dir/reflector"
if ! $keep_configuration; then
  # The configuration last, because it names the others; then $copy is its own.
  for file in "$rules_file:2" "$keys_file:3" "$config_file:1"; do
    from=${staged[${file##*:}]} to=$dir/${file%:*}
    [[ -e $from ]] || continue
    unset -v copy
    keep_copy "$to" "$from"
    mv -f -- "$from" "$to"
  done
fi

# --- what starts and stops it

for script in start_reflector.sh stop_reflector.sh; do
  cp -- "$source_dir/scripts/installed/$script" "$dir/.$script.$$"
  chmod 755 -- "$dir/.$script.$$"
  mv -f -- "$dir/.$script.$$" "$dir/$script"
done

# What is in effect; nothing where the agent refuses a configuration that was kept.
effective=$("$dir/reflector" check -c "$dir/$config_file" 2>/dev/null) || effective=

runs_commands() {
  if [[ -n $effective ]]; then
    grep -q '^\[\[commands\]\]' <<<"$effective"
  else
    grep -qE '^[[:space:]]*(\[\[[[:space:]]*["'\'']?commands|commands[[:space:]]*=)' -- "$dir/$config_file"
  fi
}

# The unit lets the agent write in two folders only.
written_elsewhere() {
  local line state logs
  state=$(toml_string "$dir/state") logs=$(toml_string "$dir/logs")
  while IFS= read -r line; do
    [[ $line =~ ^(state_dir|file|path)\ =\ (\"/.*) ]] || continue
    [[ ${BASH_REMATCH[2]} == "${state%\"}"[/\"]* || ${BASH_REMATCH[2]} == "${logs%\"}"[/\"]* ]] || printf '%s\n' "$line"
  done <<<"$effective"
}

# A % begins a specifier everywhere; within quotes \ and " are special too.
unit_path() { printf '%s' "${1//%/%%}"; }

unit_quoted_path() {
  local quoted=${1//%/%%}
  quoted=${quoted//\\/"\\\\"}
  quoted=${quoted//\"/'\"'}
  printf '"%s"' "$quoted"
}

# Once a line, so that a folder whose name looks like a placeholder is left alone.
fill_in() {  # the template
  local line placeholder capabilities='' processes=default
  if ((EUID == 0)); then
    capabilities="CAP_KILL CAP_SETGID CAP_SETUID"
    processes=invisible
  fi
  local -A values=(
    [@USER@]=$(id -un)
    [@FOLDER@]=$(unit_path "$dir")
    [@STATE@]=$(unit_quoted_path "$dir/state")
    [@LOGS@]=$(unit_quoted_path "$dir/logs")
    [@CAPABILITIES@]=$capabilities
    [@PROCESSES@]=$processes
  )
  while IFS= read -r line; do
    for placeholder in "${!values[@]}"; do
      [[ $line == *"=$placeholder" ]] || continue
      line=${line%"$placeholder"}${values[$placeholder]}
      break
    done
    printf '%s\n' "$line"
  done <"$1"
}

# There before the first start: systemd makes no folder writable that is not.
[[ -e $dir/state ]] || mkdir -m 700 -- "$dir/state"
unit=reflector
if runs_commands; then unit=reflector-commands; fi
fill_in "$source_dir/scripts/installed/$unit.service" >"$dir/reflector.service"

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
    case ${command_policy:-deny} in
      deny)
        echo "  commands        policy \"deny\": nothing that $command_endpoint says is run. To go on, install again with"
        echo "                  --command-policy allow --command-rules FILE or signed --command-keys FILE, or see"
        echo "                  config/command-rules.example.toml in the source, and edit $dir/$config_file"
        ;;
      allow) echo "  commands        policy \"allow\": what $dir/$rules_file allows is run as $(id -un)" ;;
      signed)
        echo "  commands        policy \"signed\": what a key in $dir/$keys_file has signed${command_rules:+ and $dir/$rules_file allows} is run as $(id -un)"
        ;;
      any) echo "  commands        policy \"any\": whatever $command_endpoint says is run as $(id -un)" ;;
    esac
  fi
fi
if [[ -e $dir/config.json && ! $keep_configuration == true ]]; then
  echo "  config.json     of the agent before this one is not read; \"./reflector migrate config.json\" prints it as TOML"
fi
printf '  start, stop     %q, %q\n' "$dir/start_reflector.sh" "$dir/stop_reflector.sh"
printf '  or by systemd   sudo cp %q /etc/systemd/system/ && sudo systemctl enable --now reflector\n' "$dir/reflector.service"
elsewhere=$(written_elsewhere)
if [[ -n $elsewhere ]]; then
  echo "  by systemd it can't write to these; \"sudo systemctl edit reflector\" lets it, by [Service] and ReadWritePaths=FOLDER:"
  printf '    %s\n' "$elsewhere"
fi
if [[ $dir == /tmp/* || $dir == /var/tmp/* ]]; then
  echo "  by systemd it can't be started in $dir, because the unit has a /tmp of its own; install it elsewhere for that"
fi
if [[ -e $dir/reflector.pid ]]; then
  echo "An agent that runs there takes this up when it is stopped and started."
fi
