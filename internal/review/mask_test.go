package review

import (
	"encoding/base64"
	"fmt"
	"slices"
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
	for name, form := range tokens() {
		all["token "+name] = field{"Application", "spec.note", "see " + form + "1 there", "see " + form + "2 there"}
		all["token in a file "+name] = field{"ConfigMap", "data.config", "a: 1\nb: see " + form + "1\n", "a: 1\nb: see " + form + "2\n"}
	}
	for name, args := range map[string][]any{
		"short": {"-u", "root", "-p"}, "redis": {"redis-cli", "-a"}, "long": {"--admin-password"}, "docker": {"docker", "login", "-p"},
	} {
		all["argument "+name] = field{"Deployment", "spec.args", append(slices.Clone(args), first), append(slices.Clone(args), second)}
	}
	for _, name := range []string{"PASSWORD", "API_TOKEN", "CLIENT_SECRET", "SIGNING_KEY", "MYSQL_PWD", "SENTRY_DSN", "BASIC_AUTH"} {
		all["env "+name] = field{"Deployment", "spec.env", []any{map[string]any{"name": name, "value": first}}, []any{map[string]any{"name": name, "value": second}}}
	}
	encoded := func(secret string) any {
		return map[string]any{"registry.example.com": map[string]any{"auth": base64.StdEncoding.EncodeToString([]byte("robot:" + secret))}}
	}
	all["docker config"] = field{"ConfigMap", "spec.config.auths", encoded(first), encoded(second)}
	all["login"] = field{"Application", "spec.basicAuth", "admin:" + first, "admin:" + second}
	all["login behind a flag"] = field{"Deployment", "spec.args", []any{"--user", "admin:" + first}, []any{"--user", "admin:" + second}}
	all["a token in a URL"] = field{"Application", "spec.url", "https://" + random + "1@example.com", "https://" + random + "2@example.com"}
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

		"login":           "basicAuth: admin:%s",
		"login, JSON":     `{"auth": "admin:%s"}`,
		"SAS":             "https://orchard.blob.example.com/backups?sv=2024-11-04&sr=c&sig=%s",
		"SAS, first":      "https://orchard.blob.example.com/backups?sig=%s&se=2027-01-31",
		"SAS, token":      "sv=2024-11-04&sig=%s",
		"signed for S3":   "https://s3.example.com/dump?X-Amz-Date=20261129T000000Z&X-Amz-Signature=%s",
		"signed for GCS":  "https://storage.example.com/dump?X-Goog-Signature=%s",
		"a short flag":    "login -u admin -p %s",
		"to mysql":        "mysqldump -h db.example.com -p%s orders",
		"to sshpass":      "sshpass -p %s ssh git@git.example.com",
		"to docker":       "docker login -u robot -p '%s' registry.example.com",
		"to redis":        "redis-cli -h cache -a %s ping",
		"to LDAP":         "ldapsearch -D cn=reader -w %s",
		"to curl":         "curl -u admin:%s https://example.com",
		"to curl, long":   "curl --user 'admin:%s' https://example.com",
		"in a literal":    "kubectl create secret generic x --from-literal=password=%s",
		"in a --set":      "helm upgrade x --set auth.password=%s",
		"connection":      "Server=db.example.com;User Id=app;Password=%s;Encrypt=true",
		"connection, pwd": "Driver={ODBC};Uid=app;Pwd=%s;",
		"storage account": "DefaultEndpointsProtocol=https;AccountName=orchard;AccountKey=%s;EndpointSuffix=example.com",
		"service bus":     "Endpoint=sb://orchard.example.com/;SharedAccessKeyName=send;SharedAccessKey=%s",
		"no user":         "redis://:%s@cache.example.com:6379/0",
		"an at in it":     "postgres://app:at@%s@db.example.com/orders",
		"a slash behind":  "amqp://app:%s@queue.example.com/orders",
		"header, token":   "Authorization: Token %s",
		"header, JSON":    `{"Authorization": "Basic %s"}`,
		"webhook":         "https://discord.com/api/webhooks/%s",
	} {
		all["text "+name] = values("spec.note", format)
	}
	return all
}

// tokens are secrets that show by their form, but for a last digit.
func tokens() map[string]string {
	return map[string]string{
		"GitHub": "ghp_" + random, "GitHub, fine": "github_pat_" + random, "GitLab": "glpat-" + random, "GitLab runner": "glrt-" + random, "Grafana": "glsa_" + random,
		"Slack": "xoxb-" + random, "Slack app": "xapp-" + random, "Google": "AIza" + random + "abcdefgh", "Google OAuth": "ya29." + random, "Google client": "GOCSPX-" + random,
		"Stripe": "sk_live_" + random, "sk": "sk-proj-" + random, "npm": "npm_" + random + "abcdefgh", "PyPI": "pypi-" + random + "abc", "Docker": "dckr_pat_" + random + "abc",
		"Vault": "hvs." + random, "Terraform": "abcdefghijk123.atlasv1." + random, "Atlassian": "ATATT3x" + random, "age": "AGE-SECRET-KEY-1" + strings.ToUpper(random),
		"bcrypt": "$2y$10$" + random, "apr1": "$apr1$" + random, "Bearer": "Bearer " + random, "Basic": "Basic " + random,
	}
}

func TestSecretsAreMaskedInEveryFormat(t *testing.T) {
	for name, f := range secrets() {
		c := made("dev", schema.Hub, f.kind, "dev", "x", "apps/x", change.Changed, changed(change.InPlace, f.path, f.old, f.new))
		c.Effects[0].Reason = fmt.Sprintf("it was %v and is %v", plain(f.old), plain(f.new))
		report := New(change.Review{Changes: []change.Change{c}}, About{})
		for format, print := range printers() {
			text := strings.NewReplacer("<mark>", "", "</mark>", "").Replace(printed(t, print, report))
			for _, secret := range []string{first, second, jwt, random, strings.ToUpper(random), base64.StdEncoding.EncodeToString([]byte("robot:" + first))[8:], "918273645", "564738291", "IOSFODNN7EXAMPL"} {
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
		"spec.image.digest": "sha256:" + strings.Repeat("0123456789abcdef", 4), "spec.cidr": "10.40.0.0/16", "spec.role": "arn:aws:iam::111122223333:role/spokewright-crossplane",
		"spec.kmsKeyId": "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab", "spec.keyId": "1234abcd-12ab-34cd-56ef-1234567890ab",
		finding.Keys("metadata", "annotations", "checksum/config"): strings.Repeat("0123456789abcdef", 4), "spec.auth": "none", "spec.authURL": "https://login.example.com/oauth2",
		"spec.basicAuth.secretName": "shop-login", "spec.note": "uses basic authentication and bearer authorization", "spec.clone": "ssh://git@git.example.com:2222/shop.git",
		"spec.host": "db.example.com:5432", "spec.args": []any{"-p", "8080:80", "--port", "5432", "-u", "1000:1000", "-a", "all"}, "spec.command": []any{"mkdir", "-p", "data"},
		"spec.script": "mkdir -p data && psql -p 5432 && kubectl patch x -p patch.json && docker run -p 80:80 -u 1000:1000 shop\n", "spec.shell": "tar -a -w x; ssh -p port shop",
		"spec.query": "https://example.com/search?q=signature&page=2", "spec.subject": "system:serviceaccount:shop:web", "spec.vpc": "vpc-0a11b22c33d44e55f",
		"spec.env": []any{map[string]any{"name": "MODE", "value": "a:b"}}, "spec.values": "image: x@sha256:0123456789abcdef0123456789abcdef\nports: [-p, 80]\nsecretName: shop\n",
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
