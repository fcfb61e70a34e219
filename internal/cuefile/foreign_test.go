package cuefile

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestFault7OtherLanguages says what a text is, at the first line that shows it, and nothing of what is CUE.
func TestFault7OtherLanguages(t *testing.T) {
	for text, want := range map[string][]string{
		"class: \"a\"\n<<<<<<< HEAD\nowner: \"x\"\n=======\nowner: \"y\"\n>>>>>>> theirs\n": {"2:1 found a merge conflict"},
		"<<<<<<< HEAD\n=======\nowner: \"y\"\n>>>>>>> theirs\n":                             {"1:1 found a merge conflict"},
		"a: {\n<<<<<<< HEAD\n}\n=======\n}}\n>>>>>>> theirs\n":                              {"2:1 found a merge conflict"},
		"a: \"\"\"\n<<<<<<< HEAD\n\"\"\"\nb: 'x":                                            {"4:4 "}, // the text of a user
		"class = \"development\"\n":                                                         {`1:1 found class = "development", as HCL and TOML write it: in CUE a field has a colon, class: "development"`},
		"owner: \"x\"\n  class = \"a\"\ncluster {\n  cloud = \"aws\"\n}\n":                  {"2:3 found class = "},
		"class: development\ncluster:\n  cloud: aws\n  region: eu-west-1\n":                 {`1:1 found YAML: a spec is CUE, where a text has quotes (class: "development") and what belongs to a field stands in braces (cluster: {...})`},
		"# an environment\nclass: development\napps:\n- name: web\n":                        {"1:3 "}, // the list is not indented: word by word
		"---\nclass: development\n":                                                         {"1:1 found ---, which begins a YAML document"},
		"class: development\ncluster: {cloud: aws}\n":                                       nil, // words are told where they stand
		"class: development\ncluster:\n  cloud: aws\n":                                      {"1:1 found YAML"},
		"cluster:\n\tcloud: \"aws\"\n":                                                      nil,
		"let x = \"a\"\nclass: x\n":                                                         nil,
	} {
		_, problems := Read("environments/dev.cue", []byte(text), Places{})
		if want == nil {
			require.Empty(t, problems, text)
			continue
		}
		require.NotEmpty(t, problems, text)
		for i, w := range want {
			require.Less(t, i, len(problems), "%q: %v", text, problems)
			got := fmt.Sprintf("%d:%d %s", problems[i].Line, problems[i].Column, problems[i].Message)
			require.True(t, strings.HasPrefix(got, w), "%q: %s", text, got)
		}
		if strings.Contains(want[0], "merge conflict") || strings.Contains(want[0], "YAML") {
			require.Len(t, problems, 1, text)
		}
	}
}
