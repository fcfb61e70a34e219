package manifest

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// retyped says whether a YAML 1.1 parser would read the plain scalar s as something else than a string, by the rules of
// go.yaml.in/yaml/v2 (resolve.go and isBase60Float). They leave out "=" and "<<", which are strings there.
func retyped(s string) bool {
	if s == "" {
		return true
	}
	switch c := s[0]; {
	case strings.IndexByte("yYnNtTfFoO~", c) >= 0:
		return isWord(s)
	case c == '.':
		_, err := strconv.ParseFloat(s, 64)
		return err == nil || isWord(s)
	case c >= '0' && c <= '9', c == '+', c == '-':
		return isWord(s) || isTime(s) || isNumber(s) || isSexagesimal(s)
	}
	return false
}

func isWord(s string) bool {
	switch s {
	case "y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "true", "True", "TRUE",
		"n", "N", "no", "No", "NO", "off", "Off", "OFF", "false", "False", "FALSE",
		"~", "null", "Null", "NULL", ".nan", ".NaN", ".NAN",
		".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF":
		return true
	}
	return false
}

func isTime(s string) bool {
	if len(s) < len("2006-1-2") || s[4] != '-' {
		return false
	}
	for _, c := range s[:4] {
		if c < '0' || c > '9' {
			return false
		}
	}
	for _, layout := range []string{
		"2006-1-2", "2006-1-2 15:4:5", "2006-1-2T15:4:5Z07:00", "2006-1-2t15:4:5Z07:00",
	} {
		if _, err := time.Parse(layout, s); err == nil {
			return true
		}
	}
	return false
}

func isNumber(s string) bool {
	s = strings.ReplaceAll(s, "_", "")
	if strings.Trim(s, "0123456789abcdefABCDEFxXoO.+-") != "" {
		return false // such as 10Gi, but also +inf and 0x1p4, which are numbers in Go only
	}
	if _, err := strconv.ParseFloat(s, 64); err == nil {
		return true
	}
	if _, err := strconv.ParseInt(s, 0, 64); err == nil {
		return true
	}
	if _, err := strconv.ParseUint(s, 0, 64); err == nil {
		return true
	}
	rest, binary := strings.CutPrefix(s, "0b")
	_, err := strconv.ParseInt(rest, 2, 64) // with a sign inside: 0b-1
	return binary && err == nil
}

// sexagesimal is a number to base 60, such as 1:30: no parser in Go reads it, but older ones elsewhere do.
var sexagesimal = regexp.MustCompile(`^[-+]?\d[\d_]*(:[0-5]?\d)+(\.[\d_]*)?$`)

func isSexagesimal(s string) bool {
	return strings.Contains(s, ":") && sexagesimal.MatchString(s)
}
