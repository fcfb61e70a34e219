package mutability

import (
	"maps"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"spokewright.dev/spokewright/internal/manifest"
)

// with is a spec with fields set, by their paths.
func with(spec map[string]any, fields map[string]any) map[string]any {
	changed := manifest.Copy(spec)
	for field, value := range fields {
		if value == nil {
			manifest.Delete(changed, strings.Split(field, ".")...)
		} else {
			manifest.Set(changed, value, strings.Split(field, ".")...)
		}
	}
	return changed
}

// samples are claims of each kind as they are rendered, and a workspace as an environment says it.
func samples() map[string]map[string]any {
	return map[string]map[string]any{
		"Network": {"id": "shop-dev", "cidr": "10.1.0.0/16", "region": "eu-west-1", "deletion": "Orphan", "management": "Full"},
		"Cluster": {"id": "shop-dev", "version": "1.34", "region": "eu-west-1", "nodes": map[string]any{"min": 1, "max": 3, "size": "small"},
			"network": map[string]any{"cidr": "10.1.0.0/16"}, "private": false, "deletion": "Orphan", "management": "Full"},
		"Database": {"id": "shop-dev-orders", "engine": "postgres", "version": "16", "size": "small", "storageGB": 100, "highlyAvailable": false,
			"backups": map[string]any{"retentionDays": 7}, "encrypted": true, "public": false, "deletion": "Orphan", "management": "Full"},
		"Workspace": {"id": "shop-dev-files", "source": "git::https://git.example.com/team/modules.git//bucket?ref=v1", "variables": map[string]any{}},
	}
}

// What each cloud makes of edits, one line each: the claim and cloud, the field from and to, other fields of the claim.
func TestJudge(t *testing.T) {
	type fields = map[string]any
	mysql := fields{"engine": "mysql"}
	adopted := fields{"externalName": "db-1", "management": "Full"}
	observed := fields{"externalName": "db-1", "management": "Observe"}
	for _, edit := range []struct {
		on, field string
		from, to  any
		also      fields
		want      Effect
	}{
		{"Network/aws", "cidr", "10.1.0.0/16", "10.1.0.0/15", nil, Recreate},
		{"Network/gcp", "region", "europe-west1", "europe-west4", nil, Recreate},
		{"Network/azure", "subnets", []any{"10.1.0.0/18"}, []any{"10.1.0.0/19"}, nil, Recreate},
		{"Network/azure", "deletion", "Orphan", "Delete", nil, InPlace},

		{"Cluster/aws", "version", "1.34", "1.35", nil, InPlace},
		{"Cluster/aws", "version", "1.34", "1.36", nil, Refused},
		{"Cluster/aws", "version", "1.34", "1.33", nil, Refused},
		{"Cluster/azure", "version", "1.34", "1.36", nil, Refused},
		{"Cluster/azure", "version", "1.34", "1.33", nil, Refused},
		{"Cluster/gcp", "version", "1.34", "1.36", nil, Refused},
		{"Cluster/gcp", "version", "1.34", "1.33", nil, Refused},
		{"Cluster/gcp", "version", "1.34", "1.35", nil, InPlace},
		{"Cluster/aws", "version", "1.34", "1.33", observed, InPlace},
		{"Cluster/aws", "nodes.size", "small", "large", nil, Refused},
		{"Cluster/aws", "nodes.size", "small", "large", adopted, InPlace},
		{"Cluster/azure", "nodes.size", "small", "large", nil, InPlace},
		{"Cluster/gcp", "nodes.size", "small", "large", nil, InPlace},
		{"Cluster/aws", "nodes.min", 1, 2, nil, InPlace},
		{"Cluster/gcp", "nodes.max", 3, 9, nil, InPlace},
		{"Cluster/azure", "private", false, true, nil, Recreate},
		{"Cluster/azure", "private", true, false, nil, Recreate},
		{"Cluster/azure", "private", true, false, adopted, InPlace},
		{"Cluster/aws", "private", false, true, nil, InPlace},
		{"Cluster/gcp", "private", true, false, nil, InPlace},
		{"Cluster/aws", "region", "eu-west-1", "eu-central-1", nil, Recreate},
		{"Cluster/aws", "region", "eu-west-1", "eu-central-1", observed, Recreate},
		{"Cluster/gcp", "id", "shop-dev", "store-dev", nil, Recreate},
		{"Cluster/gcp", "cloud", "gcp", "aws", nil, Recreate},
		{"Cluster/azure", "network.cidr", "10.1.0.0/16", "10.2.0.0/16", nil, Recreate},
		{"Cluster/aws", "externalName", "one", "other", nil, Recreate},
		{"Cluster/aws", "names", nil, fields{"workers": "x"}, nil, InPlace},

		{"Database/aws", "storageGB", 100, 90, nil, Refused},
		{"Database/aws", "storageGB", 100, 90, observed, InPlace},
		{"Database/aws", "storageGB", 100, 105, nil, Refused},
		{"Database/aws", "storageGB", int64(100), int64(109), nil, Refused},
		{"Database/aws", "storageGB", 100, 110, nil, Delayed},
		{"Database/aws", "storageGB", 100, 399, nil, Delayed},
		{"Database/aws", "storageGB", 200, 400, nil, Delayed},
		{"Database/aws", "storageGB", 200, 500, nil, Delayed},
		{"Database/aws", "storageGB", 500, 600, nil, Delayed},
		{"Database/azure", "storageGB", 100, 128, nil, InPlace},
		{"Database/azure", "storageGB", 100, 129, nil, Refused},
		{"Database/azure", "storageGB", 100, 129, mysql, InPlace},
		{"Database/azure", "storageGB", 100, 90, mysql, Refused},
		{"Database/gcp", "storageGB", 100, 101, nil, InPlace},
		{"Database/gcp", "storageGB", 100, 99, nil, Refused},
		{"Database/aws", "version", "16", "17", nil, Delayed},
		{"Database/aws", "version", "17", "16", nil, Refused},
		{"Database/aws", "version", "17.1", "17.2", nil, Delayed},
		{"Database/aws", "version", "17", "17.2", nil, Delayed},
		{"Database/aws", "version", "8.0", "8.4", mysql, Delayed},
		{"Database/aws", "version", "9.1", "9.2", nil, Delayed},
		{"Database/azure", "version", "16", "18", nil, InPlace},
		{"Database/azure", "version", "16", "15", nil, Refused},
		{"Database/azure", "version", "8.0", "8.4", mysql, InPlace},
		{"Database/azure", "version", "8.4", "8.0", mysql, Refused},
		{"Database/gcp", "version", "16", "17", nil, InPlace},
		{"Database/gcp", "version", "17", "16", nil, Refused},
		{"Database/aws", "size", "small", "large", nil, Delayed},
		{"Database/aws", "size", "small", "large", adopted, InPlace},
		{"Database/azure", "size", "small", "large", nil, InPlace},
		{"Database/gcp", "size", "small", "large", nil, InPlace},
		{"Database/aws", "highlyAvailable", false, true, nil, Delayed},
		{"Database/azure", "highlyAvailable", false, true, nil, InPlace},
		{"Database/gcp", "highlyAvailable", false, true, nil, InPlace},
		{"Database/gcp", "highlyAvailable", false, true, fields{"backups.retentionDays": 0}, Refused},
		{"Database/gcp", "highlyAvailable", true, false, fields{"backups.retentionDays": 0}, InPlace},
		{"Database/aws", "backups.retentionDays", 7, 3, nil, InPlace},
		{"Database/aws", "backups.retentionDays", 7, 0, nil, Delayed},
		{"Database/aws", "backups.retentionDays", 0, 7, nil, Delayed},
		{"Database/gcp", "backups.retentionDays", 7, 0, fields{"highlyAvailable": true}, Refused},
		{"Database/gcp", "backups.retentionDays", 7, 0, nil, InPlace},
		{"Database/aws", "encrypted", true, false, nil, Recreate},
		{"Database/aws", "encrypted", false, true, nil, Recreate},
		{"Database/azure", "encrypted", true, false, nil, Refused},
		{"Database/gcp", "encrypted", false, true, nil, InPlace},
		{"Database/aws", "public", false, true, nil, Refused},
		{"Database/azure", "public", false, true, nil, Recreate},
		{"Database/azure", "public", false, true, adopted, InPlace},
		{"Database/gcp", "public", false, true, nil, InPlace},
		{"Database/gcp", "engine", "mysql", "postgres", nil, Recreate},
		{"Database/aws", "deletion", "Orphan", "Snapshot", nil, InPlace},
		{"Database/aws", "management", "Observe", "Full", nil, InPlace},
		{"Database/gcp", "environment", "dev", "test", nil, InPlace},

		{"Workspace/aws", "id", "a", "b", nil, Recreate},
		{"Workspace/gcp", "source", "git::https://a.example.com/m.git//bucket?ref=v1", "git::https://b.example.com/m.git//bucket?ref=v2", nil, InPlace},
		{"Workspace/gcp", "source", "git::https://a.example.com/m.git//bucket?ref=v1", "git::https://a.example.com/m.git//queue?ref=v1", nil, Recreate},
		{"Workspace/gcp", "source", "example-modules/bucket/aws", "mirror.example.com/example-modules/bucket/aws", nil, InPlace},
		{"Workspace/azure", "version", "1.0.0", "2.0.0", nil, InPlace},
		{"Workspace/azure", "variables", fields{}, fields{"size": 3}, nil, InPlace},
	} {
		kind, cloud, _ := strings.Cut(edit.on, "/")
		sample := with(samples()[kind], edit.also)
		verdict, known := Judge(kind, cloud, edit.field, with(sample, fields{edit.field: edit.from}), with(sample, fields{edit.field: edit.to}))
		require.True(t, known, "%s.%s", edit.on, edit.field)
		assert.Equal(t, edit.want, verdict.Effect, "%s.%s from %v to %v (%v): %s", edit.on, edit.field, edit.from, edit.to, edit.also, verdict.Why)
		assert.NotEmpty(t, verdict.Why)
		assert.NotEmpty(t, verdict.Sources)
		assert.Equal(t, edit.want == Refused || edit.want == Recreate, verdict.Instead != "", "%s.%s: what to do instead", edit.on, edit.field)
	}
}

func TestWorkspaceReadsWhatSpokewrightWrites(t *testing.T) {
	object := manifest.New("opentofu.m.upbound.io/v1beta1", "Workspace", "dev", "files")
	manifest.Annotate(object, map[string]string{"crossplane.io/external-name": "shop-dev-files"})
	object["spec"] = map[string]any{"forProvider": map[string]any{"module": `{
		"module": {"workspace": {"source": "git::https://git.example.com/team/modules.git//bucket?ref=v1", "days": 3}},
		"output": {"arn": {"value": "${module.workspace.arn}", "sensitive": true}}
	}`}}
	said := Workspace(object)
	for _, field := range []string{"id", "source", "revision", "variables.days", "outputs.arn"} {
		assert.NotNil(t, get(said, field), field)
	}
	assert.Equal(t, "git::https://git.example.com/team/modules.git//bucket", said["source"])
	object["spec"] = map[string]any{"forProvider": map[string]any{"module": "https://git.example.com/team/own.git"}}
	assert.Nil(t, Workspace(object), "an overlay's own")
}

func TestJudgeKnowsNoOtherField(t *testing.T) {
	for _, other := range [][3]string{{"Cluster", "aws", "crossplane.compositionSelector"}, {"Cluster", "cloud.example.com", "version"}, {"Bucket", "aws", "id"}} {
		_, known := Judge(other[0], other[1], other[2], nil, nil)
		assert.False(t, known, other)
	}
}

// A claim that comes or goes as a whole has fields that are not there.
func TestAFieldThatComesOrGoesIsJudgedToo(t *testing.T) {
	for _, entry := range Entries() {
		for _, cloud := range entry.Clouds {
			there := samples()[entry.Kind]
			gone := maps.Clone(there)
			delete(gone, strings.Split(entry.Field, ".")[0])
			for _, pair := range [][2]map[string]any{{there, gone}, {gone, there}, {nil, there}, {there, nil}} {
				verdict, known := Judge(entry.Kind, cloud, entry.Field, pair[0], pair[1])
				require.True(t, known)
				assert.NotEmpty(t, verdict.Why, "%s.%s on %s", entry.Kind, entry.Field, cloud)
			}
		}
	}
}
