package manifest

import (
	"slices"
	"strings"
)

// nasty are strings that some writer or reader of YAML has got wrong.
var nasty = []string{
	"", " ", "  ", "plain", "two words", "~", "null", "Null", "NULL", "nil",
	"y", "Y", "n", "N", "yes", "Yes", "YES", "no", "No", "NO", "on", "On", "ON", "off", "Off", "OFF",
	"true", "True", "TRUE", "tRUE", "false", "False", "FALSE", "yesterday", "none", "offset", "trueish",
	"0", "-0", "+0", "1", "-1", "+1", "1.", "1.0", "1.30", "1.2.3", ".5", "-.5", "+.5", ".", "..", "-.", "+.", "._1",
	"0123", "0189", "0o17", "0O17", "0o18", "0x1F", "0X1f", "0xg", "-0x1F", "0x1p4", "0b101", "0B101", "-0b101", "+0b1",
	"0b", "0b2", "0b-1", "0b+1", "-0b-1", "0b_1", "0b1111111111111111111111111111111111111111111111111111111111111111",
	"1e3", "1E3", "1e+3", "1e-3", "1e", "e1", "1e999", "-1e999", "1.e5", ".e5", ".1e5", "+.1e5", "1_000", "1__0", "_1", "1_",
	"9223372036854775807", "9223372036854775808", "18446744073709551615", "18446744073709551616", "-9223372036854775809",
	"123abc", "10Gi", "100m", "4d", "0abc", "10.0.0.0/8", "10.0.0.1:8080", "1.2.3.4", "::1", "fe80::1", "+", "-", "--", "+a", "-a",
	".inf", ".Inf", ".INF", "+.inf", "-.inf", "-.INF", "+.InF", "inf", "+inf", "Infinity", ".nan", ".NaN", ".NAN", "-.nan", "NaN",
	"2024-01-01", "2024-1-1", "2024-13-01", "2024-02-30", "2024-01-01T10:00:00Z", "2024-01-01t10:00:00Z", "2024-01-01T10:00:00+02:00",
	"2024-01-01T10:00:00", "2024-01-01 10:00:00", "2024-01-01 10:00:00.5", "2024-01-01 1:2:3,5", "2024-01-01T1:2:3.123456789123Z",
	"2024-01-01 10:00:00 Z", "2024-01-01T10:00Z", "2024-01", "2024-", "20240-1-1", "202-01-01", "2024-01-01x", "-2024-01-01",
	"1:30", "-1:30", "1:60", "1:2:3", "1:30.5", "1:30.5_0", "190:20:30", "1:", ":1", "1:a", "1_0:30", "+1:59", "12:30:45 ",
	"=", "<<", "<", ">", "!", "!a", "!!str a", "&", "&a", "*", "*a", "?", "? a", "?a", "|", "|-", ">-", "@", "@a", "`", "`a`",
	"%", "%a", "{", "}", "{}", "{a}", "[", "]", "[]", "[a]", ",", ",a", "a,b", "a, b", "{{ .name }}", "#", "#a", "a#", "a #b", "a# b",
	":", ": ", ": a", "a:", "a: b", "a:b", "a :b", "a : b", "- a", "-  a", "-\ta", "?\ta", "a:\tb", "a\t#b", "---", "--- a", "---a", "...", "... a", "...a", "-...",
	"'", "''", "'a'", "it's", "a'", "\"", "\"a\"", "say \"a\"", "\\", "a\\", "\\n", "a\\b'c\"d", "'\"", ": '\"", "$", "$a", "(a)", "a;b", "/a", "_", "^a", "~a",
	" a", "a ", " a ", "  a", "a  b", "a  ", "\t", "\ta", "a\t", "a\tb", "\r", "a\r", "\ra", "a\rb",
	"\n", "\n\n", "\n\n\n", "a\n", "a\n\n", "a\n\n\n", "\na", "\n\na", "\na\n", "a\nb", "a\nb\n", "a\n\nb", "a\n\nb\n\n", "a\nb\nc",
	" \n", "\n ", " \n ", "a \n", "a\n ", " a\n", "a\n b", "a\n  b\n", "a\n b\n c", "a \nb", "a\n\n b", "\n a", "\n  a\n", "  a\n b\n", "a\n \nb",
	"a\n\tb", "\ta\n", "a\n\t", "a\t\nb", "a\r\nb", "a\r\n", "\r\n", "a\n\r", "a\n\rb", "# a\n", "---\na\n", "a\n---\nb\n", "a\n...\nb", "- a\n- b\n", "a: b\n", "|\n", "'\n", "%a\n",
	"{{- if .a }}\n  b: {{ .c }}\n{{- end }}\n", "#!/bin/sh\nset -e\necho \"$1\"\n", "yes\n", "1\n2", "{\n  \"a\": 1\n}\n", "{\n\t\"a\": 1\n}\n",
	"\u2028", "\u2029", "a\u2028", "\u2028a", "a\u2028b", "a\u2028\u2028b", "a\u2028\u2029", "a \u2028b", "a\u2028 b", "a\u2028 ", "it's\u2028a", "a: \u2028b", "1\u2028", "yes\u2028",
	"a\u2028\n", "a\n\u2028", "\u2028\n", "\n\u2028", "a\u2028b\n", "a\nb\u2028", "a\nb\u2028\u2028", "a\nb\u2028\n", "a\n\u2028b", "a\n\u2029 b\n", "a\n\u2029\n",
	"a\u00a0b", "\u00a0", "é", "naïve café", "日本語", "日本: 語", "ÿ", "Ā", "ß\n", "\ud7ff", "\ue000", "\ufffd", "Ω #", "e\u0301", "שלום", "٣", "٣:٤", "\u200b", "\u200d", "\u00ad",
	"\ufeff", "\ufeffa", "a\ufeff", "a\ufeffb", "\ufeff a \"b\"\n", "\ufeff\n", "a\n\ufeff", "\ufeff1", "\ufeffā日😀",
	"😀", "a😀b", "😀: a", "😀\n", "a\n😀\nb", "\U0010ffff", "👨‍👩‍👧",
	"\x00", "a\x00b", "\x01", "\a", "\b", "\v", "\f", "\x1b", "\x1b[0m", "\x1f", "a\x00\n", "\x00 #a", "\x00\n a",
}

// foreign strings come out of kustomize changed: it reads JSON with a YAML parser.
var changed = []string{
	"\u0085", "a\u0085", "\u0085a", "a\u0085b", "a\u0085\u0085b", "a \u0085 b", "a\n\u0085b", "a\u0085\n", "yes\u0085", "\u0085\u0085", "a\u0085:\u0085b", "1\u00852",
	"\xff", "a\xffb", "\xc3", "a\xff\n", "\xed\xa0\x80", "a\xff\xfe: b",
}

// long are strings around the width at which lines are folded.
func long() []string {
	var all []string
	for _, word := range []string{"a", "abcdefg", "é", "日本", "it's", "a  b", "a   b", "a#", "a\u2028b", "\\", "\"q\"", "😀", "yes", "1"} {
		for _, n := range []int{9, 10, 11, 18, 19, 20, 37, 38, 39, 40, 41, 42, 60, 100} {
			text := strings.Repeat(word+" ", n)
			all = append(all, text, text+"end", " "+text+"end", text+": end", "- "+text+"end", text+"\tend", text+"\nend", text+"end\n", strings.Repeat(word, n))
		}
	}
	for n := 120; n < 135; n++ {
		all = append(all, strings.Repeat("k", n), strings.Repeat("k", n-1)+":", strings.Repeat("k", n-1)+"\n", "- "+strings.Repeat("k", n-2), strings.Repeat("é", n/2), strings.Repeat("k ", n/2)+"k")
	}
	return all
}

// readable are the strings that can be keys: the library cannot read longer ones back from JSON.
func readable() []string {
	return slices.DeleteFunc(append(long(), nasty...), func(s string) bool { return len(s) > 1000 })
}

// rooms puts a value in every kind of place, a few levels deep.
func rooms(v any) []Object {
	return []Object{
		{"a": v, "b": v},
		{"a": map[string]any{"b": map[string]any{"some-longer-key": v}, "c": v}},
		{"a": []any{v, v}, "b": v},
		{"a": []any{map[string]any{"b": v}, map[string]any{"b": v, "c": v}}},
		{"a": []any{[]any{v, v}, []any{[]any{v}, []any{[]any{v}}}}},
		{"a": map[string]any{"b": []any{map[string]any{"c": []any{v, map[string]any{"d": v}}}}}},
		{strings.Repeat("k", 129): v, "? ": map[string]any{"two\nlines": []any{v}, "two\rlines": map[string]any{"b": v}}},
	}
}

// keyed puts a key in every kind of place.
func keyed(key string) []Object {
	inner := []any{"x", map[string]any{key: "y", "z": []any{"w"}}, []any{map[string]any{key: []any{"v"}}}}
	return []Object{
		{key: "x", "a": 1},
		{key: map[string]any{"b": "x", key: "y", "c": map[string]any{key: 1}}},
		{key: []any{"x", []any{"y", []any{key}}, map[string]any{key: key}}},
		{"a": map[string]any{"b": map[string]any{key: inner}, key: nil}},
		{"a": []any{map[string]any{key: map[string]any{key: inner}}, []any{map[string]any{key: "x"}}}},
		{key: map[string]any{}, "a": []any{map[string]any{key: []any{}}}},
		{key: "x\ny\n", "a": []any{map[string]any{key: "x\n\n"}}},
		{key: strings.Repeat("x y ", 30) + "z"},
	}
}
