package likeness

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"spokewright.dev/spokewright/functions"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/schema"
)

// first is an environment with something of everything.
const first = `class: "staging"
id: "shop-of-old"
description: "where it is tried"
owner: "shop"
labels: {tier: "two"}
cluster: {cloud: "aws", region: "eu-west-1", version: "1.34", nodes: {min: 2, max: 6, size: "medium"}, network: {cidr: "10.20.0.0/16", peers: ["other"]}, private: true}
apps: {
	web: {path: "apps/web/overlays/first", namespace: "shop", databases: ["orders"], images: web: {name: "registry.example.com/shop/web", follow: "~1.2"}}
	api: {path: "charts/api", type: "helm", values: {replicas: 2, host: "api.first.example.com", files: ["values/first.yaml"], debug: false, limits: {cpu: "1"}}}
	cache: {chart: "cache", repository: "https://charts.example.com/stable", version: "20.1.3"}
}
databases: {
	orders: {engine: "postgres", version: "17", size: "small", storageGB: 50, highlyAvailable: true, backups: retentionDays: 7, encrypted: true, public: false}
	carts: {engine: "mysql", version: "8.4", storageGB: 50, highlyAvailable: false, backups: retentionDays: 3, id: "carts-of-old", adopt: {externalName: "db-CARTS1", manage: true}}
}
workspaces: bucket: {source: "./modules/bucket", variables: {name: "bucket-first", days: 30}, outputs: ["arn"]}
addons: logging: {enabled: true, values: {level: "info"}}
namespaces: tools: labels: team: "a"
waivers: later: {rule: "no-latest-tag", until: "2027-01-31", reason: "later"}
lifetime: expires: "2027-01-31"
removed: [{what: "apps/old", reason: "gone"}]
`

// second is the same environment under another name: what must differ does.
func second() string {
	return strings.NewReplacer(
		"shop-of-old", "shop-of-new", "where it is tried", "where it is tried again", "10.20.0.0", "10.30.0.0", "overlays/first", "overlays/second",
		"api.first.", "api.second.", "values/first", "values/second", "bucket-first", "bucket-second", "carts-of-old", "carts-of-new", "db-CARTS1", "db-CARTS2",
		`expires: "2027-01-31"`, `expires: "2027-02-28"`, "apps/old", "apps/older").Replace(first)
}

// read gives two environments of a fleet, as their specs render.
func read(t *testing.T, a, b string) (Side, Side) {
	t.Helper()
	reader, err := schema.NewReader()
	require.NoError(t, err)
	files := fstest.MapFS{}
	for name, text := range map[string]string{
		"fleet": "name: \"trial\"\nowner: \"platform\"\nrepository: {url: \"https://git.example.com/trial/fleet.git\", revision: \"main\"}\nappRepository: {url: \"https://git.example.com/trial/apps.git\", revision: \"main\"}\nregistries: [\"registry.example.com\"]\nsecretStores: aws: \"eu-west-1\"\n",
		"hub":   "class: \"production\"\nrole: \"hub\"\n",
		"other": "class: \"staging\"\ncluster: {cloud: \"aws\", region: \"eu-west-1\", network: cidr: \"10.90.0.0/16\"}\n",
		"first": a, "second": b,
	} {
		files["environments/"+name+".cue"] = &fstest.MapFile{Data: []byte(text)}
	}
	fleet, err := reader.Fleet(files)
	require.NoError(t, err)
	side := func(name string) Side {
		s := Side{fleet.Environments[name], map[schema.Plane][]manifest.Object{}}
		for _, plane := range schema.Planes() {
			s.Rendered[plane] = functions.Expand(s.Environment, plane)
		}
		return s
	}
	return side("first"), side("second")
}

func compared(t *testing.T, a, b Side) []string {
	t.Helper()
	found, err := Compare(a, b)
	require.NoError(t, err)
	var all []string
	for _, d := range found {
		all = append(all, strings.TrimPrefix(d.Object+": "+d.Field, ": "))
	}
	return all
}

// changed is a text with some parts in the place of others, each of which is there.
func changed(t *testing.T, text string, replacements ...string) string {
	t.Helper()
	for i := 0; i+1 < len(replacements); i += 2 {
		require.Contains(t, text, replacements[i])
		text = strings.Replace(text, replacements[i], replacements[i+1], 1)
	}
	return text
}

// What must differ between two environments is told of none: beside what second() has otherwise, each of these.
func TestSilentAboutWhatMustDiffer(t *testing.T) {
	a, b := read(t, first, second())
	require.Empty(t, compared(t, a, b))
	for name, c := range map[string]struct{ first, second []string }{
		"an id, and that of the name":          {nil, []string{"id: \"shop-of-new\"\n", ""}},
		"the ids of the names":                 {[]string{"id: \"shop-of-old\"\n", ""}, []string{"id: \"shop-of-new\"\n", ""}},
		"a description that one has":           {nil, []string{"description: \"where it is tried again\"\n", ""}},
		"a range of another block":             {nil, []string{"10.30.0.0", "172.16.0.0"}},
		"the id of a database":                 {nil, []string{`, id: "carts-of-new"`, ""}},
		"ids of databases that follow":         {[]string{`, id: "carts-of-old"`, ""}, []string{`, id: "carts-of-new"`, ""}},
		"what is adopted":                      {[]string{`cluster: {`, `cluster: {adopt: externalName: "one", `}, []string{`cluster: {`, `cluster: {adopt: externalName: "two", `}},
		"a state's id":                         {[]string{`source: "./modules/bucket"`, `source: "./modules/bucket", id: "one"`}, []string{`source: "./modules/bucket"`, `source: "./modules/bucket", id: "two"`}},
		"a module of one's own":                {[]string{`"./modules/bucket"`, `"./modules/first"`}, []string{`"./modules/bucket"`, `"./modules/second"`}},
		"the last day":                         {nil, []string{`expires: "2027-02-28"`, `expires: "2028-02-29"`}},
		"what goes":                            {nil, []string{"removed: [{what: \"apps/older\", reason: \"gone\"}]\n", ""}},
		"what moved":                           {[]string{"removed:", "moved: [{from: \"apps/a\", to: \"apps/web\"}]\nremoved:"}, nil},
		"what the cloud calls its parts":       {[]string{"removed:", "names: {environment: \"first\", network: vpc: \"vpc-1\"}\nremoved:"}, []string{"removed:", "names: {environment: \"second\", network: vpc: \"vpc-2\"}\nremoved:"}},
		"the networks of each other":           {[]string{`peers: ["other"]`, `peers: ["second"]`}, []string{`peers: ["other"]`, `peers: ["first"]`}},
		"the order of networks":                {[]string{`peers: ["other"]`, `peers: ["other", "second"]`}, []string{`peers: ["other"]`, `peers: ["first", "other"]`}},
		"a folder behind a dash":               {[]string{"apps/web/overlays/first", "apps/web-first"}, []string{"apps/web/overlays/second", "apps/web-second"}},
		"a folder in a folder":                 {[]string{"apps/web/overlays/first", "first/web"}, []string{"apps/web/overlays/second", "second/web"}},
		"a host":                               {[]string{"api.first.example.com", "first.example.com"}, []string{"api.second.example.com", "second.example.com"}},
		"a host behind a dash":                 {[]string{"api.first.example.com", "api-first.example.com"}, []string{"api.second.example.com", "api-second.example.com"}},
		"an address":                           {[]string{"api.first.example.com", "https://first.example.com/api?of=first"}, []string{"api.second.example.com", "https://second.example.com/api?of=second"}},
		"a value that is the name":             {[]string{"debug: false", `debug: false, environment: "first"`}, []string{"debug: false", `debug: false, environment: "second"`}},
		"a value with the id":                  {[]string{"debug: false", `debug: false, bucket: "shop-of-old-logs"`}, []string{"debug: false", `debug: false, bucket: "shop-of-new-logs"`}},
		"a value with the range":               {[]string{"debug: false", `debug: false, from: ["10.20.0.0/16"]`}, []string{"debug: false", `debug: false, from: ["10.30.0.0/16"]`}},
		"a name in a list":                     {[]string{`["values/first.yaml"]`, `["values.yaml", "values-first.yaml"]`}, []string{`["values/second.yaml"]`, `["values.yaml", "values-second.yaml"]`}},
		"a value called after the environment": {[]string{"debug: false", `debug: false, "first": 1`}, []string{"debug: false", `debug: false, "second": 1`}},
		"an addon's value":                     {[]string{`level: "info"`, `level: "info", cluster: "first"`}, []string{`level: "info"`, `level: "info", cluster: "second"`}},
		"a label":                              {[]string{`tier: "two"`, `tier: "two", place: "first"`}, []string{`tier: "two"`, `tier: "two", place: "second"`}},
		"the tags of an image":                 {[]string{`follow: "~1.2"`, `follow: "newest-build", allow: "^first-[0-9]+$"`}, []string{`follow: "~1.2"`, `follow: "newest-build", allow: "^second-[0-9]+$"`}},
		"a namespace of an app":                {[]string{`namespace: "shop"`, `namespace: "shop-first"`}, []string{`namespace: "shop"`, `namespace: "shop-second"`}},
		"a namespace":                          {[]string{`tools: labels`, `"first-tools": labels`}, []string{`tools: labels`, `"second-tools": labels`}},
		"an app called after the environment":  {[]string{"	cache:", "	\"for-first\":"}, []string{"	cache:", "	\"for-second\":"}},
		"a sentence of a waiver":               {[]string{`reason: "later"`, `reason: "first is moved later"`}, []string{`reason: "later"`, `reason: "second is moved later"`}},
	} {
		a, b := read(t, changed(t, first, c.first...), changed(t, second(), c.second...))
		assert.Empty(t, compared(t, a, b), name)
	}
}

// A planted difference is found where it was planted.
func TestFindsEveryDifference(t *testing.T) {
	for _, c := range []struct{ old, fresh, want string }{
		{`class: "staging"`, `class: "development"`, "class"},
		{`owner: "shop"`, `owner: "store"`, "owner"},
		{`tier: "two"`, `tier: "three"`, "labels.tier"},
		{`tier: "two"`, `tier: "two", more: "yes"`, "labels.more"},
		{`"eu-west-1"`, `"eu-west-2"`, "cluster.region"},
		{`version: "1.34"`, `version: "1.35"`, "cluster.version"},
		{`min: 2`, `min: 3`, "cluster.nodes.min"},
		{`max: 6`, `max: 7`, "cluster.nodes.max"},
		{`max: 6, size: "medium"`, `max: 6, size: "large"`, "cluster.nodes.size"},
		{`10.30.0.0/16`, `10.30.0.0/20`, "cluster.network.cidr"},
		{`, peers: ["other"]`, ``, "cluster.network.peers"},
		{`private: true`, `private: false`, "cluster.private"},
		{`overlays/second`, `overlays/first`, "apps.web.path"},
		{`overlays/second`, `overlays/third`, "apps.web.path"},
		{`namespace: "shop"`, `namespace: "store"`, "apps.web.namespace"},
		{`databases: ["orders"]`, `databases: ["orders", "carts"]`, "apps.web.databases[1]"},
		{`follow: "~1.2"`, `follow: "~1.3"`, "apps.web.images.web.follow"},
		{`registry.example.com/shop/web`, `registry.example.com/shop/web2`, "apps.web.images.web.name"},
		{`replicas: 2`, `replicas: 3`, "apps.api.values.replicas"},
		{`debug: false`, `debug: "false"`, "apps.api.values.debug"},
		{`cpu: "1"`, `cpu: "2"`, "apps.api.values.limits.cpu"},
		{`, limits: {cpu: "1"}`, ``, "apps.api.values.limits"},
		{`api.second.`, `api.first.`, "apps.api.values.host"},
		{`values/second`, `values/first`, "apps.api.values.files[0]"},
		{`type: "helm", values: {replicas: 2,`, `type: "helm", revision: "v2", values: {replicas: 2,`, "apps.api.revision"},
		{`version: "20.1.3"`, `version: "20.1.4"`, "apps.cache.version"},
		{`charts.example.com/stable`, `charts.example.com/edge`, "apps.cache.repository"},
		{"	cache: {", "	store: {", "apps.cache"},
		{`storageGB: 50`, `storageGB: 60`, "databases.orders.storageGB"},
		{`highlyAvailable: true`, `highlyAvailable: false`, "databases.orders.highlyAvailable"},
		{`retentionDays: 7`, `retentionDays: 6`, "databases.orders.backups.retentionDays"},
		{`manage: true`, `manage: false`, "databases.carts.adopt"},
		{`days: 30`, `days: 31`, "workspaces.bucket.variables.days"},
		{`outputs: ["arn"]`, `outputs: ["name"]`, "workspaces.bucket.outputs[0]"},
		{`bucket-second`, `bucket-first`, "workspaces.bucket.variables.name"},
		{`level: "info"`, `level: "debug"`, "addons.logging.values.level"},
		{`addons: logging: {enabled: true`, `addons: logging: {enabled: false`, "addons.logging.enabled"},
		{`team: "a"`, `team: "b"`, "namespaces.tools.labels.team"},
		{"waivers: later: {rule: \"no-latest-tag\", until: \"2027-01-31\", reason: \"later\"}\n", "", "waivers"},
		{"lifetime: expires: \"2027-02-28\"\n", "", "lifetime"},
		{"removed:", "retiring: \"delete\"\nremoved:", "retiring"},
	} {
		a, b := read(t, first, changed(t, second(), c.old, c.fresh))
		assert.Contains(t, compared(t, a, b), c.want, c.fresh)
		assert.Contains(t, compared(t, b, a), c.want, "the other way round")
	}
}

// What only an overlay makes is told with the object; what follows from the spec is told of the spec alone.
func TestFindsWhatOverlaysMake(t *testing.T) {
	a, b := read(t, first, changed(t, second(), "min: 2", "min: 3"))
	for i, object := range b.Rendered[schema.Hub] {
		if id := manifest.Identify(object); id.Kind == "Cluster" {
			patched := manifest.Copy(object)
			manifest.Annotate(patched, map[string]string{"example.com/ticket": "42"})
			b.Rendered[schema.Hub][i] = patched
		}
	}
	b.Rendered[schema.Spoke] = append(b.Rendered[schema.Spoke], manifest.New("v1", "ConfigMap", "shop", "of-second"))
	assert.Equal(t, []string{"cluster.nodes.min", `hub/Cluster/<env>/<env>: metadata.annotations["example.com/ticket"]`, "spoke/ConfigMap/shop/of-<env>: "}, compared(t, a, b))
}
