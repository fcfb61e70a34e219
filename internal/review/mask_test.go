package review

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"spokewright.dev/spokewright/internal/change"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/schema"
)

// The texts in these tests that must not be seen. They open nothing.
const (
	first  = "hunter2-Uranus"
	second = "correct-horse-7"
	jwt    = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NSJ9.c2lnbmF0dXJlLW9m"
	random = "q8Zr3kVx92LmPw7TnB4sYc6D"
)

var pem = "-----BEGIN " + "RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA" + first + "\n-----END RSA PRIVATE KEY-----\n"

// secrets are fields whose values must be masked, whichever printer shows them.
func secrets() map[string]struct {
	kind     string
	path     finding.Path
	old, new any
} {
	type field = struct {
		kind     string
		path     finding.Path
		old, new any
	}
	values := func(path finding.Path, format string) field {
		return field{"Application", path, fmt.Sprintf(format, first), fmt.Sprintf(format, second)}
	}
	all := map[string]field{
		"data of a Secret":       {"Secret", "data.config", first, second},
		"stringData of a Secret": {"Secret", "stringData", map[string]any{"name": first}, map[string]any{"name": second}},
		"a whole Secret": {"Secret", "", manifest.Object{"kind": "Secret", "metadata": map[string]any{"name": "x"}, "data": map[string]any{"a": first}},
			manifest.Object{"kind": "Secret", "metadata": map[string]any{"name": "x"}, "data": map[string]any{"a": second}}},
		"a map":                {"Application", "spec.auth", map[string]any{"clientSecret": first}, map[string]any{"clientSecret": second}},
		"below a secret":       {"Application", "spec.secrets", map[string]any{"database": first}, map[string]any{"database": second}},
		"a list":               {"Application", "spec.tokens", []any{first}, []any{second}},
		"a number":             {"Application", "spec.password", int64(918273645), int64(564738291)},
		"an element of env":    {"Deployment", "spec.env", []any{map[string]any{"name": "DB_PASSWORD", "value": first}}, []any{map[string]any{"name": "DB_PASSWORD", "value": second}}},
		"an unknown neighbour": {"Deployment", "spec.env[0].value", first, second},
		"a flag's value":       {"Deployment", "spec.args", []any{"--token", first}, []any{"--token", second}},
		"random at a key":      {"Application", "spec.webhookAuth", random + "1", random + "2"},
		"a JWT":                {"Application", "spec.note", "see " + jwt, "see " + jwt + "2"},
		"a PEM block":          {"ConfigMap", "data.tls", pem, strings.ReplaceAll(pem, first, second)},
		"an AWS key":           {"Application", "spec.note", "AKIA" + "IOSFODNN7EXAMPL1", "AKIA" + "IOSFODNN7EXAMPL2"},
	}
	for _, key := range []string{"password", "DB_PASSWORD", "db.password", "adminPassword", "passwordHash", "token", "TOKEN_1", "secretKey", "privateKey",
		"clientSecret", "apiKey", "aws-secret-access-key", "credentials", "connectionString", ".dockerconfigjson"} {
		all["key "+key] = values(finding.Keys("spec", key), "%s")
		all["values file "+key] = values("spec.source.helm.values", "replicas: 2\nweb:\n  "+key+": %s\n  image: x\n")
	}
	for name, format := range map[string]string{
		"quoted":      "a: 1\ntoken: \"%s\" # why\n",
		"a block":     "a: 1\npassword: |\n  one\n  %s\nb: 2\n",
		"an entry":    "env:\n- name: API_TOKEN\n  value: %s\n",
		"JSON":        "{\"a\": 1,\n\"password\": \"%s\"}\n",
		"not YAML":    "a: [\npassword=%s\n",
		"a flow":      "a: {password: %s, b: 1}\nc: 2\n",
		"flag":        "run --password=%s --verbose",
		"flag, space": "run --password %s --verbose",
		"URL":         "postgres://user:%s@db.example.com/orders",
		"header":      "Authorization: Bearer %s",
		"shell":       "PGPASSWORD=%s psql",
	} {
		all["text "+name] = values("spec.note", format)
	}
	return all
}

func TestSecretsAreMaskedInEveryFormat(t *testing.T) {
	for name, f := range secrets() {
		c := made("dev", schema.Hub, f.kind, "dev", "x", "apps/x", change.Changed, changed(change.InPlace, f.path, f.old, f.new))
		c.Effects[0].Reason = fmt.Sprintf("it was %v and is %v", plain(f.old), plain(f.new))
		report := New(change.Review{Changes: []change.Change{c}}, About{})
		for format, print := range printers() {
			text := strings.NewReplacer("<mark>", "", "</mark>", "").Replace(printed(t, print, report))
			for _, secret := range []string{first, second, jwt, random, "918273645", "564738291", "IOSFODNN7EXAMPL"} {
				assert.False(t, strings.Contains(text, secret), "%s, %s: %s", name, format, secret)
			}
			assert.True(t, strings.Contains(text, "(masked)"), "%s, %s", name, format)
			assert.True(t, strings.Contains(text, "(masked, value 2)"), "%s, %s: that they differ is seen", name, format)
		}
	}
}

func plain(value any) any {
	if text, ok := value.(string); ok {
		return text
	}
	return "another"
}

func TestWhatIsNoSecretIsShown(t *testing.T) {
	for path, value := range map[finding.Path]any{
		"spec.secretName": "orders-credentials", "spec.volumes[0].secret": map[string]any{"secretName": "x"}, "spec.existingSecret": "shop",
		"spec.secretStoreRef.name": "vault", "spec.automountServiceAccountToken": true, "spec.image": "x@sha256:0123456789abcdef0123456789abcdef",
		"spec.tokenTTL": "1h", "spec.passwordPolicy": "strict", "spec.publicKey": "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYI\n-----END PUBLIC KEY-----\n",
		"spec.valuesFile": "a: 1\nb: two\n", "spec.description": "the token is kept elsewhere", "spec.password": "",
		"spec.url": "https://registry.example.com:8443/shop", "spec.rule": `has(object.spec.token) && object.spec.name == "x"`,
	} {
		report := New(change.Review{Changes: []change.Change{made("dev", schema.Hub, "Application", "dev", "x", "", change.Changed,
			change.Effect{Class: change.InPlace, Path: path, New: value, HasNew: true})}}, About{})
		assert.Equal(t, value, report.groups[0].fields[0].New, path)
	}
	external := changed(change.InPlace, "spec.data[0].secretKey", "password", "token")
	report := New(change.Review{Changes: []change.Change{made("dev", schema.Spoke, "ExternalSecret", "dev", "x", "", change.Changed, external)}}, About{})
	assert.Equal(t, "password", report.groups[0].fields[0].Old)
}

// TestWhatStandsBesideAValueIsLookedUp: an element's name tells whether its value is a secret.
func TestWhatStandsBesideAValueIsLookedUp(t *testing.T) {
	deployment := func(password, mode string) manifest.Object {
		o := manifest.New("apps/v1", "Deployment", "dev", "web")
		o["spec"] = map[string]any{"env": []any{map[string]any{"name": "MODE", "value": mode}, map[string]any{"name": "DB_PASSWORD", "value": password}},
			"args": []any{"--mode", mode, "--password", password}}
		return o
	}
	review := change.Review{Changes: []change.Change{made("dev", schema.Hub, "Deployment", "dev", "web", "", change.Changed,
		changed(change.InPlace, "spec.env[0].value", "a", "b"), changed(change.InPlace, "spec.env[1].value", first, second),
		changed(change.InPlace, "spec.args[1]", "a", "b"), changed(change.InPlace, "spec.args[3]", first, second))}}
	shown := func(about About) (values []any) {
		for _, f := range New(review, about).groups[0].fields {
			values = append(values, f.Old)
		}
		return values
	}
	about := About{Before: state("dev", deployment(first, "a")), After: state("dev", deployment(second, "b"))}
	assert.Equal(t, []any{"a", "(masked)", "a", "(masked)"}, shown(about))
	assert.Equal(t, []any{"(masked)", "(masked)", "(masked)", "(masked)"}, shown(About{}), "where nothing is known, all of them")
}
