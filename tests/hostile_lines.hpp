#pragma once

#include <cstddef>
#include <string>
#include <vector>

// One set of rules such as an operator may write; lines that must not run under it, for the reason
// that each group says; and lines that must, so that a gate that refuses everything fails as well.

namespace reflector {

using namespace std::string_literals;
using words = std::vector<std::string>;

inline const std::string guarding_rules = R"(
[[rule]]
name = "disk-usage"
program = "/usr/bin/df"
arguments = ["-h", { one_of = ["/", "/srv"] }]
[[rule]]
name = "uptime"
program = "/usr/bin/uptime"
[[rule]]
name = "unit-status"
program = "/usr/bin/systemctl"
arguments = ["status", "--no-pager", { matches = "[a-z0-9@-]{1,32}[.]service" }]
[[rule]]
name = "log-end"
program = "/usr/bin/tail"
arguments = ["-n", { matches = "[0-9]{1,4}" }, "--", { under = "/var/log" }]
[[rule]]
name = "log-list"
program = "/usr/bin/ls"
arguments = [{ one_of = ["-l", "-la", "--"] }, { under = "/var/log" }]
[[rule]]
name = "ping"
program = "/usr/bin/ping"
arguments = ["-c", "3"]
rest = { matches = "[a-z0-9.-]{1,253}", most = 1 }
[[rule]]
name = "say"
program = "/usr/bin/echo"
rest = { matches = ".*", most = 4 }
[[rule]]
name = "drop"
program = "/usr/bin/cp"
arguments = ["-t", "/srv/drop"]
rest = { under = "/srv/outbox", most = 16 }
)";

struct hostile_lines {
  std::string why;   ///< what the line tries
  std::string says;  ///< what its refusal must have
  std::vector<std::string> lines;
};

inline std::string repeated(const std::string& piece, std::size_t count) {
  std::string text;
  for (std::size_t n = 0; n < count; ++n) text += piece;
  return text;
}

// --- the shell that isn't there

inline std::vector<hostile_lines> shell_syntax_outside_of_quotes() {
  std::vector<hostile_lines> all;
  for (const char c : "|&;<>()$`*?[]{}!\n\r"s) {
    const std::string one{c};
    all.push_back(
        {"an operator or expansion of a shell",
         "would mean something to a shell",
         {"/usr/bin/df -h / " + one + " /bin/sh", "/usr/bin/df -h /" + one, one + "/usr/bin/uptime",
          "/usr/bin/echo a" + one + "b", "/usr/bin/echo '" + one + "'" + one}});
  }
  return all;
}

inline std::vector<hostile_lines> shell_idioms() {
  return {
      {"a second command after the first",
       "would mean something to a shell",
       {"/usr/bin/uptime; /sbin/reboot", "/usr/bin/uptime && /sbin/reboot",
        "/usr/bin/uptime || /sbin/reboot", "/usr/bin/uptime | /bin/sh", "/usr/bin/uptime &",
        "/usr/bin/uptime\n/sbin/reboot", "/usr/bin/uptime\r\n/sbin/reboot", "/usr/bin/uptime;",
        "/usr/bin/echo a;b", "(/usr/bin/uptime)", "{ /usr/bin/uptime; }", "! /usr/bin/uptime"}},
      {"a command within an argument",
       "would mean something to a shell",
       {"/usr/bin/echo $(reboot)", "/usr/bin/echo `reboot`", "/usr/bin/echo \"$(reboot)\"",
        "/usr/bin/echo \"`reboot`\"", "/usr/bin/echo <(reboot)", "/usr/bin/echo a$(reboot)b",
        "/usr/bin/echo $((1+1))"}},
      {"a variable, a pattern, a home folder",
       "would mean something to a shell",
       {"/usr/bin/echo $PATH", "/usr/bin/echo ${IFS}", "/usr/bin/echo \"$IFS\"",
        "/usr/bin/df$IFS-h$IFS/", "/usr/bin/tail -n 1 -- /var/log/*",
        "/usr/bin/tail -n 1 -- /var/log/sys?og", "/usr/bin/tail -n 1 -- /var/log/[s]yslog",
        "/usr/bin/echo {a,b}", "/usr/bin/echo ~", "/usr/bin/echo ~root/x", "/usr/bin/echo a=~/x",
        "/usr/bin/echo $'\\x2d'", "/usr/bin/echo %1", "/usr/bin/echo !!"}},
      {"a file that is written or read",
       "would mean something to a shell",
       {"/usr/bin/echo x > /etc/cron.d/x", "/usr/bin/echo x >> /etc/passwd", "/usr/bin/echo <<E",
        "/usr/bin/echo 2>&1", "/usr/bin/echo < /etc/shadow"}},
      {"the rest of the line as a comment",
       "would mean something to a shell",
       {"/usr/bin/uptime # harmless", "#/usr/bin/uptime"}},
      {"a variable for the program alone",
       "would mean something to a shell",
       {"LD_PRELOAD=/tmp/x.so /usr/bin/uptime", "A= /usr/bin/uptime", "PATH=/tmp uptime",
        "LD_PRELOAD=\"/tmp/x.so\" /usr/bin/uptime", "=/usr/bin/uptime"}},
  };
}

inline std::vector<hostile_lines> quoting_tricks() {
  return {
      {"an assignment that quotes hide is a program of that name",
       "no rule of",
       {"'LD_PRELOAD=/tmp/x.so' /usr/bin/uptime", "LD_PRELOAD\\=/tmp/x.so /usr/bin/uptime",
        "\"A=b\" /usr/bin/uptime", "'A=b' '/usr/bin/uptime'"}},
      {"a quote or escape without an end",
       "not run: ",
       {"/usr/bin/echo 'a", "/usr/bin/echo \"a", "/usr/bin/echo a\\", "'", "\"",
        "/usr/bin/uptime '", "/usr/bin/echo \"a\\\"", "/usr/bin/echo 'a'\\''b"}},
      {"the program's name in pieces is still another's",
       "no rule of",
       {"'/usr/bin/d''ff' -h /", "/usr/b\"in\"/rm -rf /", "/usr/bin/\\sh", "'/usr/bin/df -h /'",
        "\"/usr/bin/uptime \"", "' /usr/bin/uptime'", "/usr/bin/uptime' '", "/usr/bin/uptime\\ ",
        "/usr/bin/df'\n' -h /"}},
      {"an option, whatever its quotes",
       "is an option, which a rule has to name as it is",
       {"/usr/bin/echo '-e'", "/usr/bin/echo \"-e\"", "/usr/bin/echo \\-e", "/usr/bin/echo -'e'",
        "/usr/bin/echo ''-e", "/usr/bin/echo '-'", "/usr/bin/echo \"\"'-'n"}},
      {"nothing to run", "not run: the command is empty", {"", " ", "\t \t", "\\\n"}},
      {"an empty program", "no rule of", {"''", "\"\" -h /", "'' /usr/bin/uptime"}},
  };
}

// --- arguments

inline std::vector<hostile_lines> options() {
  return {
      {"an option where a pattern is",
       "is an option, which a rule has to name as it is",
       {"/usr/bin/ping -c 3 -f", "/usr/bin/ping -c 3 --", "/usr/bin/ping -c 3 -",
        "/usr/bin/ping -c 3 --flood", "/usr/bin/ping -c 3 -i0.001",
        "/usr/bin/systemctl status --no-pager --host=evil.service",
        "/usr/bin/systemctl status --no-pager -H.service", "/usr/bin/tail -n -1 -- /var/log/x",
        "/usr/bin/echo -n", "/usr/bin/echo a -e", "/usr/bin/echo a b c --help",
        "/usr/bin/cp -t /srv/drop -r", "/usr/bin/cp -t /srv/drop --target-directory=/etc",
        "/usr/bin/cp -t /srv/drop /srv/outbox/a -T"}},
      {"another option than the one that is named",
       "is not ",
       {"/usr/bin/df -a /",
        "/usr/bin/df -hh /",
        "/usr/bin/df --help /",
        "/usr/bin/df -H /",
        "/usr/bin/ls -R /var/log",
        "/usr/bin/ls --color /var/log",
        "/usr/bin/ls -lA /var/log",
        "/usr/bin/ls -l\\  /var/log",
        "/usr/bin/tail -f 10 -- /var/log/x",
        "/usr/bin/tail -n 10 --follow /var/log/x",
        "/usr/bin/tail -n 10 - /var/log/x",
        "/usr/bin/systemctl stop --no-pager ssh.service",
        "/usr/bin/systemctl status --pager ssh.service",
        "/usr/bin/systemctl --no-pager status ssh.service",
        "/usr/bin/ping -c 4 host",
        "/usr/bin/ping -c 03 host",
        "/usr/bin/ping -c3 3 host",
        "/usr/bin/cp -t /etc /srv/outbox/a",
        "/usr/bin/cp -t /srv/drop/ /srv/outbox/a",
        "/usr/bin/cp -T /srv/drop /srv/outbox/a"}},
      {"more or fewer arguments",
       "it takes ",
       {"/usr/bin/df", "/usr/bin/df -h", "/usr/bin/df -h / /srv", "/usr/bin/df -h / ''",
        "/usr/bin/uptime -p", "/usr/bin/uptime ''", "/usr/bin/uptime \"\"", "/usr/bin/ls -l",
        "/usr/bin/ls -l /var/log /var/log", "/usr/bin/ping", "/usr/bin/ping -c 3 a b",
        "/usr/bin/tail -n 10 --", "/usr/bin/tail -n 10 -- /var/log/a /var/log/b",
        "/usr/bin/echo a b c d e", "/usr/bin/systemctl", "/usr/bin/systemctl status",
        "/usr/bin/cp -t /srv/drop" + repeated(" /srv/outbox/a", 17)}},
      {"a value that only begins or ends as it should",
       "does not match",
       {"/usr/bin/tail -n 10000 -- /var/log/x", "/usr/bin/tail -n 1a -- /var/log/x",
        "/usr/bin/tail -n +1 -- /var/log/x", "/usr/bin/tail -n '' -- /var/log/x",
        "/usr/bin/tail -n '1 0' -- /var/log/x", "/usr/bin/systemctl status --no-pager ssh",
        "/usr/bin/systemctl status --no-pager .service",
        "/usr/bin/systemctl status --no-pager sshXservice",
        "/usr/bin/systemctl status --no-pager 'ssh.service x.service'",
        "/usr/bin/systemctl status --no-pager ../ssh.service",
        "/usr/bin/systemctl status --no-pager SSH.service",
        "/usr/bin/systemctl status --no-pager ssh.service.x", "/usr/bin/ping -c 3 'host;reboot'",
        "/usr/bin/ping -c 3 host/x", "/usr/bin/ping -c 3 ''", "/usr/bin/ping -c 3 HOST",
        "/usr/bin/ping -c 3 ' -f'", "/usr/bin/ping -c 3 " + std::string(254, 'a')}},
      {"one of a few words, nearly",
       "is not one of",
       {"/usr/bin/df -h /etc", "/usr/bin/df -h //", "/usr/bin/df -h /srv/", "/usr/bin/df -h /./",
        "/usr/bin/df -h /SRV", "/usr/bin/df -h '/srv '", "/usr/bin/df -h ''",
        "/usr/bin/df -h /srv/../etc"}},
  };
}

inline std::vector<hostile_lines> paths() {
  const std::string under_log = "is not a plain path under `/var/log`";
  return {
      {"a way out of the folder",
       under_log,
       {"/usr/bin/tail -n 10 -- /var/log/../../etc/shadow", "/usr/bin/tail -n 10 -- /var/log/..",
        "/usr/bin/tail -n 10 -- /var/log/../log/x", "/usr/bin/tail -n 10 -- /var/log/a/../../x",
        "/usr/bin/ls -l /var/log/./x", "/usr/bin/ls -l /var/log/.", "/usr/bin/ls -l /var/log//x",
        "/usr/bin/ls -l //var/log/x", "/usr/bin/ls -l /var//log/x",
        "/usr/bin/ls -l '/var/log/'..'/x'", "/usr/bin/ls -l /var/log/\\.\\./x",
        "/usr/bin/ls -l /var/log/\".\"./x"}},
      {"a slash at the end follows a symbolic link",
       under_log,
       {"/usr/bin/ls -l /var/log/", "/usr/bin/ls -l /var/log/link/",
        "/usr/bin/ls -l /var/log/a//"}},
      {"another folder",
       under_log,
       {"/usr/bin/tail -n 10 -- /etc/shadow", "/usr/bin/tail -n 10 -- /var/logs/x",
        "/usr/bin/tail -n 10 -- /var/log.old", "/usr/bin/tail -n 10 -- /var", "/usr/bin/ls -l /",
        "/usr/bin/ls -l /var/lo", "/usr/bin/ls -l /VAR/LOG/x", "/usr/bin/ls -l /proc/self/root/etc",
        "/usr/bin/ls -l /var/log\\\\x", "/usr/bin/ls -l file:///var/log/x"}},
      {"a path that depends on where the program starts",
       under_log,
       {"/usr/bin/ls -l var/log/x", "/usr/bin/ls -l ./x", "/usr/bin/ls -l ../var/log",
        "/usr/bin/ls -l x", "/usr/bin/ls -l ''", "/usr/bin/ls -l ' /var/log/x'"}},
      {"one bad path among good ones",
       "is not a plain path under `/srv/outbox`",
       {"/usr/bin/cp -t /srv/drop /srv/outbox/a /etc/shadow",
        "/usr/bin/cp -t /srv/drop /srv/outbox/a /srv/outbox/../x /srv/outbox/b",
        "/usr/bin/cp -t /srv/drop /srv/outboxes/a"}},
  };
}

// --- programs

inline std::vector<hostile_lines> programs() {
  return {
      {"a program that no rule names",
       "no rule of",
       {"/bin/sh -c reboot", "/bin/rm -rf /", "/usr/bin/env /usr/bin/uptime",
        "/usr/bin/sudo /usr/bin/uptime", "/usr/bin/xargs /usr/bin/uptime", "reboot",
        "/usr/bin/nice /usr/bin/uptime", "exec /usr/bin/uptime", "eval /usr/bin/uptime",
        "command /usr/bin/uptime", "if /usr/bin/uptime", ". /usr/bin/uptime",
        "/usr/bin/python3 -c 'import os'", "-c /usr/bin/uptime", "--"}},
      {"another spelling of a program that one names",
       "no rule of",
       {"df -h /", "uptime", "./uptime", "usr/bin/uptime", "/usr/bin/../bin/uptime",
        "/usr/bin/./uptime", "/usr//bin/uptime", "//usr/bin/uptime", "/usr/bin/uptime/",
        "/bin/uptime", "/usr/local/bin/uptime", "/usr/bin/UPTIME", "/USR/BIN/uptime",
        "/usr/bin/uptime.", "/usr/bin/uptim", "/usr/bin/uptimes", "/proc/self/root/usr/bin/uptime",
        "file:///usr/bin/uptime"}},
      {"a program's name that only looks like it",
       "no rule of",
       {"/usr/bin/\xd1\x83ptime",       // Cyrillic u
        "/usr/bin/up\xd1\x82ime",       // Cyrillic te
        "/usr/bin/uptime\xe2\x80\x8b",  // zero-width space
        "/usr/bin/uptime\xc2\xa0",      // no-break space
        "\xef\xbb\xbf/usr/bin/uptime",  // byte order mark
        "/usr/bin/\xe2\x80\xae"
        "emitpu",  // right-to-left override
        "\xe2\x88\x95usr\xe2\x88\x95"
        "bin\xe2\x88\x95uptime",       // division slashes
        "/usr/bin/upt\xc4\xb1me",      // dotless i
        "/usr/bin/\xef\xbd\x95ptime",  // fullwidth u
        "/usr/bin/uptime\xcc\x81"}},   // combining accent
  };
}

// --- bytes

inline std::vector<hostile_lines> bytes() {
  const std::string not_text = "has control or formatting characters, or is not UTF-8";
  std::vector<hostile_lines> all{
      {"a NUL, behind which C sees nothing",
       "not run: a NUL at byte",
       {"/usr/bin/uptime\0/bin/sh"s, "/usr/bin/df -h /\0etc"s, "\0"s, "/usr/bin/echo 'a\0b'"s,
        "/usr/bin/uptime \0"s}},
      {"a line that reads otherwise than it is",
       not_text,
       {"/usr/bin/echo \xe2\x80\xae"
        "drowssap",
        "/usr/bin/echo a\xe2\x80\xaa"
        "b",
        "/usr/bin/echo \xe2\x81\xa6x\xe2\x81\xa9", "/usr/bin/echo \xe2\x81\xa7x",
        "/usr/bin/echo \xe2\x80\x8ex", "/usr/bin/echo \xe2\x80\x8fx", "/usr/bin/echo \xd8\x9cx"}},
      {"a line end that is none to the splitter",
       not_text,
       {"/usr/bin/echo 'a\nb'", "/usr/bin/echo \"a\nb\"", "/usr/bin/echo 'a\rb'",
        "/usr/bin/echo a\vb", "/usr/bin/echo a\fb", "/usr/bin/echo \xe2\x80\xa8",
        "/usr/bin/echo a\xe2\x80\xa9", "/usr/bin/echo \xc2\x85"}},
      {"what steers a terminal or a log",
       not_text,
       {"/usr/bin/echo '\x1b[2J'", "/usr/bin/echo '\x1b]0;x\x07'", "/usr/bin/echo '\x08'",
        "/usr/bin/echo \x7f", "/usr/bin/echo 'a\tb'",
        "/usr/bin/echo \xc2\x9b"
        "2J",
        "/usr/bin/ls -l '/var/log/\x1b[2J'", "/usr/bin/ls -l '/var/log/a\nb'"}},
      {"characters of two kinds of digits, letters, dashes and slashes",
       "does not match",
       {"/usr/bin/tail -n \xd9\xa1 -- /var/log/x", "/usr/bin/tail -n \xef\xbc\x91 -- /var/log/x",
        "/usr/bin/ping -c 3 h\xd0\xbest",
        "/usr/bin/ping -c 3 \xe2\x88\x92"
        "f",
        "/usr/bin/ping -c 3 \xef\xbc\x8d"
        "f",
        "/usr/bin/ping -c 3 host\xe2\x80\x8b",
        "/usr/bin/systemctl status --no-pager ssh\xe2\x80\xa4service"}},
      {"a folder that only looks like it",
       "is not a plain path under",
       {"/usr/bin/ls -l \xef\xbc\x8fvar/log/x", "/usr/bin/ls -l /var/l\xd0\xbeg/x",
        "/usr/bin/ls -l /var/log\xe2\x88\x95x", "/usr/bin/ls -l \xe2\x80\x8b/var/log/x"}},
      {"a dash that only looks like it",
       "is not ",
       {"/usr/bin/df \xe2\x80\x90h /", "/usr/bin/df \xe2\x88\x92h /",
        "/usr/bin/df \xe2\x80\x94h /"}},
      {"bytes that are no UTF-8, which each decoder reads otherwise",
       not_text,
       {"/usr/bin/echo \xff", "/usr/bin/echo a\xc3", "/usr/bin/echo \xc0\xae\xc0\xae",
        "/usr/bin/echo \xed\xa0\x80", "/usr/bin/echo \xf4\x90\x80\x80", "/usr/bin/echo \x80",
        "/usr/bin/ls -l /var/log/\xc0\xae\xc0\xae/x", "/usr/bin/ls -l /var/log/\xe0\x80\xaf"}},
  };
  return all;
}

inline std::vector<hostile_lines> sizes() {
  return {
      {"a line past its cap",
       "not run: a command of ",
       {"/usr/bin/echo " + std::string(1'000'000, 'a'), std::string(65'537, ' '),
        "/usr/bin/uptime" + std::string(65'536, '\n'), repeated("/usr/bin/uptime ", 5000)}},
      {"more words than any program takes",
       "not run: more than 4096 words",
       {repeated("a ", 4097), "/usr/bin/echo" + repeated(" ''", 4096),
        "/usr/bin/echo" + repeated(" a", 20'000)}},
      {"many words and long ones, within the caps",
       "it takes ",
       {"/usr/bin/echo" + repeated(" a", 4000), "/usr/bin/uptime" + repeated(" ''", 4000)}},
      {"an argument that is slow to match",
       "does not match",
       {"/usr/bin/ping -c 3 " + std::string(60'000, 'a'),
        "/usr/bin/systemctl status --no-pager " + repeated("a@", 30'000)}},
  };
}

/// Envelopes that no policy but "signed" looks into, and that one refuses.
inline std::vector<hostile_lines> envelopes() {
  return {
      {"what is called signed",
       "refused: ",
       {"reflector1:", "reflector1:alice:e30:AAAA",
        "reflector1:alice::", "reflector1::::", "reflector1:/usr/bin/uptime",
        "reflector1: /usr/bin/uptime", "reflector1:alice:" + std::string(100'000, 'A') + ":AAAA",
        "reflector1:../keys:e30:AAAA", "reflector1:alice:e30:AAAA\n/usr/bin/uptime"}},
  };
}

inline std::vector<hostile_lines> nearly_envelopes() {
  return {
      {"what is nearly called signed is a program of that name",
       "no rule of",
       {"Reflector1:alice:e30:AAAA", "reflector2:alice:e30:AAAA", " reflector1:alice:e30:AAAA",
        "'reflector1:alice:e30:AAAA'", "/usr/bin/reflector1:alice", "reflector1"}},
  };
}

struct allowed_line {
  std::string line;
  words argv;
  std::string rule;
};

inline const std::vector<allowed_line> allowed_lines{
    {"/usr/bin/df -h /", {"/usr/bin/df", "-h", "/"}, "disk-usage"},
    {"/usr/bin/df -h /srv", {"/usr/bin/df", "-h", "/srv"}, "disk-usage"},
    {"  /usr/bin/df\t-h   '/'  ", {"/usr/bin/df", "-h", "/"}, "disk-usage"},
    {"'/usr/bin/df' \"-h\" \\/srv", {"/usr/bin/df", "-h", "/srv"}, "disk-usage"},
    {"/usr/b''in/df -\"h\" /sr\\v", {"/usr/bin/df", "-h", "/srv"}, "disk-usage"},
    {"/usr/bin/uptime", {"/usr/bin/uptime"}, "uptime"},
    {"/usr/bin/uptime ", {"/usr/bin/uptime"}, "uptime"},
    {"\t/usr/bin/uptime", {"/usr/bin/uptime"}, "uptime"},
    {"/usr/bin/up\\\ntime", {"/usr/bin/uptime"}, "uptime"},
    {"/usr/bin/systemctl status --no-pager ssh.service",
     {"/usr/bin/systemctl", "status", "--no-pager", "ssh.service"},
     "unit-status"},
    {"/usr/bin/systemctl status --no-pager getty@tty1.service",
     {"/usr/bin/systemctl", "status", "--no-pager", "getty@tty1.service"},
     "unit-status"},
    {"/usr/bin/tail -n 100 -- /var/log/syslog",
     {"/usr/bin/tail", "-n", "100", "--", "/var/log/syslog"},
     "log-end"},
    {"/usr/bin/tail -n 1 -- '/var/log/a b/c;d'",
     {"/usr/bin/tail", "-n", "1", "--", "/var/log/a b/c;d"},
     "log-end"},
    {"/usr/bin/tail -n 1 -- /var/log/..x",
     {"/usr/bin/tail", "-n", "1", "--", "/var/log/..x"},
     "log-end"},
    {"/usr/bin/tail -n 1 -- /var/log/-x",
     {"/usr/bin/tail", "-n", "1", "--", "/var/log/-x"},
     "log-end"},
    {"/usr/bin/ls -la /var/log", {"/usr/bin/ls", "-la", "/var/log"}, "log-list"},
    {"/usr/bin/ls -- /var/log/apt", {"/usr/bin/ls", "--", "/var/log/apt"}, "log-list"},
    {"/usr/bin/ls -l /var/log/거울", {"/usr/bin/ls", "-l", "/var/log/거울"}, "log-list"},
    {"/usr/bin/ping -c 3", {"/usr/bin/ping", "-c", "3"}, "ping"},
    {"/usr/bin/ping -c 3 10.0.0.1", {"/usr/bin/ping", "-c", "3", "10.0.0.1"}, "ping"},
    {"/usr/bin/ping -c 3 a-b.example", {"/usr/bin/ping", "-c", "3", "a-b.example"}, "ping"},
    {"/usr/bin/echo", {"/usr/bin/echo"}, "say"},
    {"/usr/bin/echo ''", {"/usr/bin/echo", ""}, "say"},
    {"/usr/bin/echo '$(reboot)' '`x`' 'a; b | c' '*'",
     {"/usr/bin/echo", "$(reboot)", "`x`", "a; b | c", "*"},
     "say"},
    {"/usr/bin/echo \"it's\" \"\\$HOME\" a=b 거울",
     {"/usr/bin/echo", "it's", "$HOME", "a=b", "거울"},
     "say"},
    {"/usr/bin/echo a-b a~b a#b 100%", {"/usr/bin/echo", "a-b", "a~b", "a#b", "100%"}, "say"},
    {"/usr/bin/cp -t /srv/drop", {"/usr/bin/cp", "-t", "/srv/drop"}, "drop"},
    {"/usr/bin/cp -t /srv/drop /srv/outbox/a /srv/outbox/b/c",
     {"/usr/bin/cp", "-t", "/srv/drop", "/srv/outbox/a", "/srv/outbox/b/c"},
     "drop"},
};

}  // namespace reflector
