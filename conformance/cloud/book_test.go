package cloud

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"spokewright.dev/spokewright/internal/externalname"
)

func kindOf(t *testing.T, group, name string) externalname.Kind {
	t.Helper()
	kind, known := externalname.Of(group+".m.upbound.io", name)
	require.True(t, known)
	return kind
}

// What the cloud answers to an object of one hub, and then to the same object of another hub.
func TestAnotherHubAsks(t *testing.T) {
	cases := map[string]struct {
		group, kind string
		recorded    bool // the second hub knows the name
		want        Deed
		reason      string
	}{
		"network":            {"ec2.aws", "VPC", false, Duplicate, "the cloud makes as many as are asked for"},
		"network, recorded":  {"ec2.aws", "VPC", true, Found, "its name leads to it"},
		"database":           {"rds.aws", "Instance", false, Refused, "its identifier is taken"},
		"database, recorded": {"rds.aws", "Instance", true, Found, "its name leads to it"},
		"role":               {"iam.aws", "Role", false, Found, "its name is its own"},
		"route":              {"ec2.aws", "Route", false, Found, "its other fields lead to it"},
		"policy of a role":   {"iam.aws", "RolePolicyAttachment", false, Found, "what is attached stays attached"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			book := NewBook()
			r := request{kind: kindOf(t, c.group, c.kind), hub: "hub", environment: "prod", object: "fleet-prod-1", create: true}
			first := book.ask(r)
			require.Equal(t, Created, first.deed)
			r.hub = "hub2"
			if c.recorded {
				r.name = first.name
			}
			second := book.ask(r)
			require.Equal(t, c.want, second.deed, c.reason)
			require.Equal(t, c.want == Refused, second.problem != "")
			require.Equal(t, c.want == Duplicate, second.name != first.name)
			require.Equal(t, c.want == Duplicate, len(book.Twice()) == 1)
		})
	}
}

func TestWhatMayNotBeMadeIsMissing(t *testing.T) {
	book := NewBook()
	r := request{kind: kindOf(t, "ec2.aws", "VPC"), object: "fleet-prod", name: "vpc-1"}
	require.Equal(t, Missing, book.ask(r).deed)
	require.Empty(t, book.Twice())
}

func TestWhatIsLeft(t *testing.T) {
	book := NewBook()
	r := request{kind: kindOf(t, "iam.aws", "Role"), object: "fleet-prod", create: true}
	r.name = book.ask(r).name
	book.leave(r, false)
	require.Equal(t, Found, book.ask(r).deed, "what is kept is there")
	book.leave(r, true)
	require.Equal(t, Created, book.ask(r).deed, "what is deleted is made again")
	require.Empty(t, book.Twice(), "that is not twice")
	require.Equal(t, "created 2, found 1, updated 0, deleted 1, kept 1, duplicate 0, refused 0, missing 0, lost 0", book.Totals())
}

func TestWhatPeopleMakeBeforeIsFound(t *testing.T) {
	kind := kindOf(t, "managedidentity.azure", "UserAssignedIdentity")
	ask := func(name string) Deed { return NewBook().ask(request{kind: kind, object: "login", name: name}).deed }
	require.Equal(t, Found, ask(subscription+"/resourceGroups/spokewright/providers/Microsoft.ManagedIdentity/userAssignedIdentities/spokewright-argocd"))
	require.Equal(t, Missing, ask(subscription+"/resourceGroups/spokewright/providers/Microsoft.ManagedIdentity/userAssignedIdentities/another"))
}

// What somebody took away in the cloud is made again under the name that its object knows; an invented one is another.
func TestWhatIsLostIsMadeAgain(t *testing.T) {
	for kind, same := range map[string]bool{"Cluster": true, "NodeGroup": true, "PodIdentityAssociation": false} {
		book := NewBook()
		r := request{kind: kindOf(t, "eks.aws", kind), hub: "hub", environment: "prod", object: "fleet-prod", create: true}
		r.name = book.ask(r).name
		book.lose("other", func(string) bool { return true })
		require.True(t, book.has(r))
		book.lose("prod", func(title string) bool { return title == kind+".eks.aws" })
		require.False(t, book.has(r))
		again := book.ask(r)
		require.Equal(t, Created, again.deed, kind)
		require.Equal(t, same, again.name == r.name, kind)
		require.Empty(t, book.Twice())
	}
}

// Pools of one name in two clusters are two things: one goes, and another hub finds the other.
func TestPoolsHaveTheNamesOfTheirCluster(t *testing.T) {
	for _, kind := range []string{"NodeGroup.eks.aws", "NodePool.container.gcp", "KubernetesClusterNodePool.containerservice.azure"} {
		name, group, _ := strings.Cut(kind, ".")
		book := NewBook()
		ask := func(hub, environment string) request {
			return request{kind: kindOf(t, group, name), hub: hub, environment: environment, object: "fleet-" + environment + "-gpu-pool", name: "gpu", create: true}
		}
		require.Equal(t, Created, book.ask(ask("hub", "dev")).deed, kind)
		require.Equal(t, Created, book.ask(ask("hub", "preview")).deed, kind)
		book.leave(ask("hub", "preview"), true)
		require.Equal(t, Found, book.ask(ask("hub2", "dev")).deed, kind)
		require.Empty(t, book.Twice(), kind)
	}
}
