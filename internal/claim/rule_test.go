package claim

import (
	"testing"

	"cuelang.org/go/cue/cuecontext"
	"cuelang.org/go/cue/parser"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
	"spokewright.dev/spokewright/internal/constraint/cueparse"
	"spokewright.dev/spokewright/internal/property"
)

// A rule on our kind and the same rule said for a fleet's own kind judge what is asked for alike, in whatever place it is.
func TestRulesFollowTheFieldsOfAClaim(t *testing.T) {
	kind := Kind{Fields: map[string]string{
		"engine": "spec.parameters.kind", "storageGB": "spec.storage", "backups.retentionDays": "spec.parameters.safety.days", "size": "spec.class", "region": "spec.place",
	}, Values: map[string]map[string]any{"size": {"small": "s", "large": int64(7)}, "region": {"eu-west-1": "ireland", "eu-north-1": "us-north-1"}}}
	for _, text := range []string{
		`spec: {storageGB: >=10, backups: retentionDays: >=7}`,
		`spec: {storageGB: int, backups: retentionDays: <=storageGB}`,
		`spec: {engine: string, if engine == "mysql" {storageGB: >=20}}`,
		`spec: {size: "small" | "large", backups: {retentionDays: int}, if size == "small" {backups: retentionDays: <5}}`,
		`spec: {engine: string, storageGB: int, backups: {retentionDays: int, if engine != "mysql" {retentionDays: >storageGB}}}`,
		`spec: {size: string, backups: {retentionDays: int}, if size != "small" {backups: retentionDays: <5}}`,
		`spec: {size: =~"^s", storageGB: >=10}`,
		`spec: {region: =~"^eu-"}`,
		`spec: {region: =~"^us-" | "eu-west-1"}`,
		`spec: {region: string, if !(region =~ "^us-") {storageGB: >=10}}`,
		`spec: {size: !="small"}`,
		`spec: {size?: string, engine: string, if size != _|_ if size =~ "^l" || engine == "mysql" {storageGB: >=10}}`,
		`spec: {storageGB: int, backups: retentionDays: storageGB}`,
		`{spec: {engine: string, storageGB: int}, if spec.engine == "mysql" && spec.storageGB > 15 {metadata: labels: large: "true"}}`,
	} {
		file, err := parser.ParseFile("rule.cue", text)
		require.NoError(t, err)
		var marks cueparse.Extraction
		marks.ExtractFile(file)
		rule, err := marks.Parse(cuecontext.New().BuildFile(file))
		require.NoError(t, err, text)
		moved := kind.Require(rule)
		verdicts := map[bool]int{}
		property.Check(t, func(t *rapid.T) {
			ours := map[string]any{
				"engine": rapid.SampledFrom([]string{"mysql", "postgres"}).Draw(t, "engine"), "storageGB": rapid.Int64Range(5, 25).Draw(t, "storage"),
				"region":  rapid.SampledFrom([]string{"eu-west-1", "eu-north-1", "us-east-1", "eu-south-1"}).Draw(t, "region"),
				"size":    rapid.SampledFrom([]string{"small", "large"}).Draw(t, "size"),
				"backups": map[string]any{"retentionDays": rapid.Int64Range(0, 25).Draw(t, "days")},
			}
			metadata := map[string]any{"labels": map[string]any{"large": rapid.SampledFrom([]string{"true", "false"}).Draw(t, "label")}}
			want := len(rule.Judge(map[string]any{"metadata": metadata, "spec": ours})) == 0
			theirs := map[string]any{"metadata": metadata, "spec": kind.Spec(ours)}
			require.Equal(t, want, len(moved.Judge(theirs)) == 0, "%s\n%v\n%v", text, theirs, moved.Judge(theirs))
			verdicts[want]++
		})
		require.Len(t, verdicts, 2, text)
	}
}
