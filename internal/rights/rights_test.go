package rights

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"spokewright.dev/spokewright/internal/crossplane/compositions"
	"spokewright.dev/spokewright/internal/manifest"
)

// clouds are all that compositions know.
var clouds = []string{"aws", "azure", "gcp"}

// composed are the compositions of both generations, all together.
func composed(t *testing.T) []manifest.Object {
	t.Helper()
	var all []manifest.Object
	for _, generation := range []string{compositions.Namespaced, compositions.Claims} {
		files, err := compositions.Make(generation)
		require.NoError(t, err)
		for _, file := range files {
			all = append(all, file...)
		}
	}
	return all
}

// An account's rights are those of the kinds that compositions compose: none is missing, and none is there for nothing.
func TestTheRightsAreThoseOfWhatIsComposed(t *testing.T) {
	used := map[string]bool{}
	for _, composition := range composed(t) {
		for _, id := range compositions.Managed(composition) {
			if id.Group() == "kubernetes.crossplane.io" { // the hub's own
				continue
			}
			need, known := Of(id.Group(), id.Kind)
			assert.True(t, known, "%s of %s: what must an account allow for it?", id.Kind, id.Group())
			used[need.Group+"/"+need.Kind] = true
		}
	}
	for _, cloud := range clouds {
		for _, need := range Needs(cloud) {
			name := need.Group + "/" + need.Kind
			assert.True(t, used[name], "%s is in no composition", name)
			assert.NotEmpty(t, need.Allowed, name)
			assert.Equal(t, cloud == "aws", need.Service == "", name)
			assert.Regexp(t, `^https://[a-z./]+`, need.Source.Page, name)
			assert.Regexp(t, `^20[0-9]{2}-[0-9]{2}-[0-9]{2}$`, need.Source.Read, name)
		}
	}
}

// What may be given away is what compositions give, and no more.
func TestWhatMayBeGivenIsWhatIsComposed(t *testing.T) {
	text := ""
	for _, composition := range composed(t) {
		one, err := json.Marshal(composition)
		require.NoError(t, err)
		text += string(one)
	}
	found := func(pattern string) []string {
		var all []string
		for _, match := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
			all = append(all, match[1])
		}
		slices.Sort(all)
		return slices.Compact(all)
	}
	assert.ElementsMatch(t, AWSPolicies(), found(`"policyArn":"arn:aws:iam::aws:policy/([^"]+)"`))
	assert.ElementsMatch(t, AWSServices(), found(`\\"Service\\":\\"([^\\]+)\\"`))
	var names []string
	for _, role := range AzureRoles() {
		names = append(names, role.Name)
	}
	assert.ElementsMatch(t, names, found(`"roleDefinitionName":"([^"]+)"`))
	granted := slices.DeleteFunc(found(`"role":"(roles/[^"]+)"`), func(role string) bool { return role == "roles/iam.workloadIdentityUser" }) // on one account, not in the project
	assert.ElementsMatch(t, GoogleRoles(), granted)
}

// docs/accounts has what the clouds read; SPOKEWRIGHT_UPDATE=1 writes it anew.
func TestTheFilesOfAccountsAreTheRights(t *testing.T) {
	const folder = "../../docs/accounts"
	for name, want := range Files() {
		file := filepath.Join(folder, name)
		if os.Getenv("SPOKEWRIGHT_UPDATE") != "" {
			require.NoError(t, os.MkdirAll(folder, 0o755))
			require.NoError(t, os.WriteFile(file, want, 0o644))
		}
		got, err := os.ReadFile(file)
		require.NoError(t, err, "make golden writes it")
		assert.Equal(t, string(want), string(got), "make golden writes %s", name)
		if strings.HasSuffix(name, ".json") {
			assert.True(t, json.Valid(got), name)
		}
	}
	there, err := os.ReadDir(folder)
	require.NoError(t, err)
	for _, entry := range there {
		if strings.HasSuffix(entry.Name(), ".md") {
			continue
		}
		assert.Contains(t, Files(), entry.Name())
	}
}

// AWS takes a policy of up to 6,144 characters, blanks apart (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html).
func TestAWSTakesThePolicies(t *testing.T) {
	for _, name := range []string{"aws-crossplane.json", "aws-secrets.json"} {
		assert.LessOrEqual(t, len(regexp.MustCompile(`\s`).ReplaceAll(Files()[name], nil)), 6144, name)
	}
}
