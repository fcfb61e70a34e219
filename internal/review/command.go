package review

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// What command lines say in one letter: -p is a password for some programs, and a port, a folder or a patch for others.

// short are flags of one letter whose value may be a password.
var short = []string{"-p", "-a", "-w"}

// elsewhere are programs to which -p is something else, and others are those to which -a and -w are a password.
var (
	elsewhere = []string{"bash", "cp", "docker", "git", "install", "jq", "kubectl", "ls", "make", "mkdir", "nc", "netstat", "npm", "patch", "pg_dump",
		"pg_isready", "pg_restore", "pgrep", "podman", "ps", "psql", "read", "rsync", "scp", "set", "sh", "ss", "ssh", "tar", "test", "unzip", "xargs"}
	others = []string{"ldapadd", "ldapmodify", "ldapsearch", "ldapwhoami", "redis-cli", "valkey-cli"}
)

// shortFlag is a flag of one letter with its value; to mysql and sshpass the value may stand right behind it.
var shortFlag = regexp.MustCompile(`(?:^|\s)(-[paw])[ \t=]+["']?([^\s"';|&]+)|\b(?:mysql[a-z]*|mariadb[a-z-]*|sshpass)\b[^\n;|&]*?\s(-p)["']?([^\s"';|&]+)`)

// inCommands masks the passwords that command lines in a text give by a flag of one letter.
func inCommands(text string, c *cover) string {
	if !strings.Contains(text, "-") {
		return text
	}
	var result strings.Builder
	last := 0
	for _, at := range shortFlag.FindAllStringSubmatchIndex(text, -1) {
		flag, value := at[2:4], at[4:6]
		if flag[0] < 0 {
			flag, value = at[6:8], at[8:10]
		}
		if isPassword(text[flag[0]:flag[1]], text[value[0]:value[1]], command(text[:flag[0]])) {
			result.WriteString(text[last:value[0]] + c.of(text[value[0]:value[1]]))
			last = value[1]
		}
	}
	return result.String() + text[last:]
}

// isPassword says whether the value of a flag of one letter is a password to a command.
func isPassword(flag, value string, words []string) bool {
	if isNumeric(value) || strings.ContainsAny(value[:1], "-/.{[$<(") || strings.HasPrefix(value, hidden) {
		return false
	}
	program := ""
	if len(words) > 0 {
		program = path.Base(words[0])
	}
	if flag == "-p" {
		return slices.Contains(words, "login") || !slices.Contains(elsewhere, program)
	}
	return slices.Contains(others, program)
}

// command are the words of the command line that a text ends in: none where the text begins with flags.
func command(text string) []string {
	line := text[strings.LastIndexAny(text, "\n;|&(`")+1:]
	list := strings.Fields(line)
	for len(list) > 0 && (strings.Contains(list[0], "=") || slices.Contains([]string{"sudo", "exec", "time", "nice", "-", "then", "do"}, list[0])) {
		list = list[1:]
	}
	return list
}

// isFlag says whether a text is a flag of a secret whose value comes next.
func isFlag(text string) bool {
	return strings.HasPrefix(text, "-") && utf8.RuneCountInString(text) < 64 && !strings.ContainsAny(text, "= ") && isSecretKey(text)
}

// follows says whether a text is a secret since it stands behind a flag in a list of arguments: ["-p", "hunter2"].
func follows(before []any, text string) bool {
	if len(before) == 0 {
		return false
	}
	flag, _ := before[len(before)-1].(string)
	switch {
	case !strings.HasPrefix(flag, "-"):
		return false
	case slices.Contains(short, flag):
		var line []string
		for _, word := range before {
			line = append(line, fmt.Sprint(word))
		}
		return isPassword(flag, text, line)
	case slices.Contains([]string{"-u", "--user", "--proxy-user"}, flag):
		return isLogin(text)
	}
	return betrays(flag, text)
}
