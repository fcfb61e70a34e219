package rights

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"spokewright.dev/spokewright/internal/crossplane/compositions"
	"spokewright.dev/spokewright/internal/manifest"
)

// claims are what environments ask for, in the order in which it is made.
func claims() []string { return []string{"network", "cluster", "nodepool", "database", "peering"} }

// part is a managed resource of a composition.
type part struct {
	file, name string
	id         manifest.ID
	object     manifest.Object
	created    bool // and not adopted
}

// parts are the managed resources of all compositions, of both generations.
func parts(t *testing.T) []part {
	t.Helper()
	var all []part
	for _, generation := range []string{compositions.Namespaced, compositions.Claims} {
		files, err := compositions.Make(generation)
		require.NoError(t, err)
		for file, made := range files {
			for _, composition := range made {
				created := manifest.TextAt(composition, "metadata", "labels", "spokewright.dev/origin") != "adopted"
				for _, resource := range manifest.MapsAt(manifest.MapsAt(composition, "spec", "pipeline")[0], "input", "resources") {
					base := resource["base"].(map[string]any)
					if id := manifest.Identify(base); strings.HasSuffix(id.Group(), ".upbound.io") {
						all = append(all, part{file, manifest.TextAt(resource, "name"), id, base, created})
					}
				}
			}
		}
	}
	return all
}

// Making compositions takes long, so that they are made once for all that is held to them.
func TestAnAccountAllowsWhatIsComposedAndNoMore(t *testing.T) {
	all := parts(t)
	t.Run("kinds", func(t *testing.T) { kindsHaveTheirRights(t, all) })
	t.Run("given", func(t *testing.T) { givenIsWhatIsComposed(t, all) })
	t.Run("walks", func(t *testing.T) { walksEndWithWhatIsComposed(t, all) })
}

// An account's rights are those of the kinds that compositions compose: none is missing, and none is there for nothing.
func kindsHaveTheirRights(t *testing.T, all []part) {
	first := map[string]int{} // the first claim that a kind is for
	for _, part := range all {
		need, known := Of(part.id.Group(), part.id.Kind)
		if !assert.True(t, known, "%s of %s: what must an account allow for it?", part.id.Kind, part.id.Group()) {
			continue
		}
		name := need.Group + "/" + need.Kind
		_, claim, _ := strings.Cut(part.file, "-")
		at := slices.Index(claims(), claim)
		require.GreaterOrEqual(t, at, 0, part.file)
		if before, seen := first[name]; !seen || at < before {
			first[name] = at
		}
	}
	for _, cloud := range Clouds() {
		last := 0
		for _, need := range Needs(cloud) {
			name := need.Group + "/" + need.Kind
			at, used := first[name]
			assert.True(t, used, "%s is in no composition", name)
			assert.GreaterOrEqual(t, at, last, "%s is needed earlier than what stands before it", name)
			last = max(at, last)
		}
	}
}

// Each need says all of it, and where it was read.
func TestEveryNeedIsWhole(t *testing.T) {
	right := map[string]*regexp.Regexp{
		"aws": regexp.MustCompile(`^[a-z0-9]+:[A-Z][A-Za-z0-9]+$`), "azure": regexp.MustCompile(`^Microsoft\.[A-Za-z]+(/[A-Za-z*]+)+$`),
		"gcp": regexp.MustCompile(`^[a-z]+(\.[A-Za-z]+)+$`),
	}
	for _, cloud := range Clouds() {
		for _, need := range Needs(cloud) {
			name := need.Group + "/" + need.Kind
			assert.NotEmpty(t, need.Allowed, name)
			assert.Len(t, distinct(slices.Clone(need.Allowed)), len(need.Allowed), "%s says one twice", name)
			for _, one := range need.Allowed {
				assert.Regexp(t, right[cloud], one, name)
			}
			assert.Equal(t, cloud == "aws", need.Service == "", name)
			require.NotEmpty(t, need.Sources, name)
			for _, source := range need.Sources {
				isRead(t, source)
			}
		}
	}
}

func isRead(t *testing.T, source Source) {
	t.Helper()
	assert.Regexp(t, `^https://[a-z./-]+`, source.Page)
	_, err := time.Parse(time.DateOnly, source.Read)
	assert.NoError(t, err, source.Page)
}

// Google's roles hold what is needed, each something that no other holds, and nothing is listed that nobody needs.
func TestGooglesRolesHoldWhatIsNeeded(t *testing.T) {
	needed, held := allowed("gcp", func(string) bool { return true }), []string{}
	for _, role := range GoogleRoles() {
		isRead(t, role.Source)
		var others []string
		for _, other := range GoogleRoles() {
			if other.Name != role.Name {
				others = append(others, other.Holds...)
			}
		}
		assert.True(t, slices.ContainsFunc(role.Holds, func(one string) bool { return !slices.Contains(others, one) }), "%s is for nothing", role.Name)
		held = append(held, role.Holds...)
	}
	assert.Equal(t, needed, distinct(held))
}

// What may be given away is what compositions give, and no more.
func givenIsWhatIsComposed(t *testing.T, all []part) {
	var text strings.Builder
	roles, written := []string{}, []string{}
	for _, part := range all {
		one, err := json.Marshal(part.object)
		require.NoError(t, err)
		text.Write(one)
		if part.id.Kind == "Role" && strings.HasPrefix(part.id.Group(), "iam.aws") {
			roles = append(roles, part.name)
			if _, inline := manifest.Get(part.object, "spec", "forProvider", "inlinePolicy"); inline {
				written = append(written, part.name)
			}
		}
	}
	found := func(pattern string) []string {
		var all []string
		for _, match := range regexp.MustCompile(pattern).FindAllStringSubmatch(text.String(), -1) {
			all = append(all, match[1])
		}
		return distinct(all)
	}
	assert.ElementsMatch(t, AWSPolicies(), found(`"policyArn":"arn:aws:iam::aws:policy/([^"]+)"`))
	assert.ElementsMatch(t, AWSServices(), found(`\\"Service\\":\\"([^\\]+)\\"`))
	assert.Equal(t, AWSRoles(), distinct(roles), "an environment's roles are called ID-NAME")
	assert.Equal(t, awsWritten(), distinct(written))
	var names []string
	for _, role := range AzureRoles() {
		names = append(names, role.Name)
	}
	assert.ElementsMatch(t, names, found(`"roleDefinitionName":"([^"]+)"`))
	granted := slices.DeleteFunc(found(`"role":"(roles/[^"]+)"`), func(role string) bool { return role == "roles/iam.workloadIdentityUser" }) // on one account, not in the project
	assert.ElementsMatch(t, GivenGoogleRoles(), granted)
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
	}
	there, err := os.ReadDir(folder)
	require.NoError(t, err)
	for _, entry := range there {
		assert.Contains(t, Files(), entry.Name())
	}
}

// The hub's policy on AWS lets it change no role but an environment's, and nothing of who it is itself.
func TestOnAWSNobodyElsesRoleIsChanged(t *testing.T) {
	for _, statement := range awsMaker().Statement {
		for _, action := range statement.Action {
			if !strings.HasPrefix(action, "iam:") || statement.Effect == "Deny" {
				continue
			}
			assert.NotContains(t, statement.Resource, "*", action)
			for _, resource := range statement.Resource {
				assert.Regexp(t, `^arn:aws:iam::\*:(role/(\*-(`+strings.Join(AWSRoles(), "|")+`)|aws-service-role/\*)|oidc-provider/oidc\.eks\.\*)$`, resource, action)
			}
		}
	}
	for _, bounded := range []string{"iam:AttachRolePolicy", "iam:PassRole", "iam:CreateServiceLinkedRole"} {
		at := slices.IndexFunc(awsMaker().Statement, func(s statement) bool { return slices.Contains(s.Action, bounded) })
		assert.NotEmpty(t, awsMaker().Statement[at].Condition, bounded)
	}
}

// AWS takes a policy of up to 6,144 characters, blanks apart (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html).
func TestAWSTakesThePolicies(t *testing.T) {
	for _, name := range []string{"aws-crossplane.json", "aws-secrets.json"} {
		assert.LessOrEqual(t, len(regexp.MustCompile(`\s`).ReplaceAll(Files()[name], nil)), 6144, name)
	}
}
