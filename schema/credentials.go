package schema

import (
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"spokewright.dev/spokewright/internal/cuefile"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/telemetry"
)

// secretsAddon is the addon that reads the credentials of databases, and SecretsNamespace where it runs: compositions
// give its account there the rights that the cloud asks for.
const (
	secretsAddon     = "secrets"
	SecretsNamespace = "external-secrets"
)

// Credentials are those of one database, which apps of one namespace use.
type Credentials struct {
	Namespace, Database string
	App                 string // the first that uses them
}

// Credentials lists what the environment's apps use, each once, by namespace and database.
func (e *Environment) Credentials() []Credentials {
	used := map[[2]string]Credentials{}
	for _, name := range slices.Backward(slices.Sorted(maps.Keys(e.Apps))) {
		app := e.Apps[name]
		for _, database := range app.Databases {
			used[[2]string{app.Namespace, database}] = Credentials{app.Namespace, database, name}
		}
	}
	var all []Credentials
	for _, key := range slices.SortedFunc(maps.Keys(used), func(a, b [2]string) int { return slices.Compare(a[:], b[:]) }) {
		all = append(all, used[key])
	}
	return all
}

// CredentialsSecret is the name of the Secret, in the namespace of an app, with the credentials of a database.
func CredentialsSecret(database string) string { return database + "-database" }

// SecretKey is the name under which the cloud's store of secrets keeps the credentials of a database. Compositions
// publish them there.
func (e *Environment) SecretKey(database string) string {
	format := map[string]string{"aws": "spokewright/%s/%s", "azure": "%s--%s", "gcp": "%s_%s"}[e.Cluster.Cloud]
	return fmt.Sprintf(format, e.Name, database)
}

// secretKeyLimit is how many characters a name has at most in each cloud's store.
func secretKeyLimit(cloud string) int {
	return map[string]int{"aws": 512, "azure": 127, "gcp": 255}[cloud]
}

// GoogleAccount is the service account by which a cluster on Google Cloud reads secrets: the hash that its composition
// makes of the cluster's id, since the id itself would be too long.
func (e *Environment) GoogleAccount() string {
	hash := sha1.Sum([]byte(e.ID + "-secrets"))
	return "spoke-" + hex.EncodeToString(hash[:])[:20] + "@" + e.SecretStore() + ".iam.gserviceaccount.com"
}

// credentials reports databases that apps use and that are not there, and what it takes to use any.
func (c *checker) credentials(e *Environment) {
	databases := slices.Sorted(maps.Keys(e.Databases))
	user := ""
	for _, name := range slices.Sorted(maps.Keys(e.Apps)) {
		if !c.known("apps", name, "databases") || !c.sound("databases") {
			continue
		}
		for i, database := range e.Apps[name].Databases {
			path := []string{"apps", name, "databases", strconv.Itoa(i)}
			switch _, known := e.Databases[database]; {
			case len(databases) == 0:
				c.report(finding.UnknownName, fmt.Sprintf("found %s, and this environment has no databases", finding.Quote(database)), path...)
			case !known:
				c.add(unknownName(database, databases, "database of this environment"), path...)
			case slices.Contains(e.Apps[name].Databases[:i], database):
				c.report(finding.Inconsistent, fmt.Sprintf("found %s for a second time", finding.Quote(database)), path...)
			case user == "":
				user = name
			}
		}
	}
	switch {
	case e.Cluster == nil:
	case user != "":
		c.reading(e, "uses databases", fmt.Sprintf("the databases that app %s uses", finding.Quote(user)), "apps", user, "databases")
	case c.sound("addons") && len(e.TelemetrySecrets()) > 0:
		c.reading(e, "sends its logs and metrics away", "the fleet's telemetry", "cluster", "cloud")
	}
}

// reading reports what an environment lacks to read credentials of something, which it needs for what it does at a path.
func (c *checker) reading(e *Environment, does, something string, at ...string) {
	cloud := e.Cluster.Cloud
	if c.known("cluster", "cloud") && e.Fleet.SecretStores[cloud] == "" {
		example := map[string]string{"aws": "eu-west-1", "azure": "https://shop.vault.example.com", "gcp": "shop-prod"}[cloud]
		c.report(finding.MissingField, fmt.Sprintf("%s, but fleet.cue does not say where %s keeps credentials: add secretStores: %s: %q", does, cloudNames()[cloud], cloud, example), at...)
	}
	if e.Role == "hub" || !c.sound("addons") { // a hub has it beside its addons
		return
	}
	switch addon, known := e.Addons[secretsAddon]; {
	case !known:
		c.report(finding.MissingField, "missing: this addon reads the credentials of "+something, "addons", secretsAddon)
	case !addon.Enabled:
		c.report(finding.Inconsistent, "found false, allowed is true: this addon reads the credentials of "+something,
			"addons", secretsAddon, "enabled")
	case addon.Namespace != SecretsNamespace:
		c.report(finding.Inconsistent, fmt.Sprintf("found %s, allowed is %q: the cloud gives its rights to the account there", finding.Quote(addon.Namespace), SecretsNamespace),
			"addons", secretsAddon, "namespace")
	}
}

// credentialNames lists the names of what brings credentials to the apps of the environment.
func (e *Environment) credentialNames() []ReservedName {
	if e.Cluster == nil || secretKeyLimit(e.Cluster.Cloud) == 0 { // no cloud that we know
		return nil
	}
	var names []ReservedName
	keys := map[string]bool{}
	for _, used := range e.Credentials() {
		at := slices.Index(e.Apps[used.App].Databases, used.Database)
		path := []string{"apps", used.App, "databases", strconv.Itoa(at)}
		names = append(names, ReservedName{Kind: "ExternalSecret", Scope: e.Name + "/" + used.Namespace, Name: CredentialsSecret(used.Database), Limit: 253, Path: path})
		if key := e.SecretKey(used.Database); !keys[key] {
			keys[key] = true
			names = append(names, ReservedName{Kind: "secret in the cloud's store", Name: key, Limit: secretKeyLimit(e.Cluster.Cloud), Path: path, Cloud: true})
		}
	}
	for _, secret := range e.TelemetrySecrets() {
		names = append(names, ReservedName{Kind: "ExternalSecret", Scope: e.Name + "/" + secret.Namespace, Name: secret.Name, Limit: 253})
		if !keys[secret.Key] {
			keys[secret.Key] = true
			names = append(names, ReservedName{Kind: "secret in the cloud's store", Name: secret.Key, Limit: secretKeyLimit(e.Cluster.Cloud), Cloud: true})
		}
	}
	if len(names) > 0 {
		names = append(names, ReservedName{Kind: "ClusterSecretStore", Scope: e.Name, Name: e.Name, Limit: 253})
	}
	return names
}

// cloudNames are what people call the clouds.
func cloudNames() map[string]string {
	return map[string]string{"aws": "AWS", "azure": "Azure", "gcp": "Google Cloud"}
}

// The addons that collect logs and metrics, and the flavour and the addon that keep those of others.
const (
	loggingAddon     = "logging"
	monitoringAddon  = "monitoring"
	telemetryFlavour = "telemetry"
	keepingAddon     = "loki"
)

// StoredSecret is a Secret that the spoke reads from its part of its cloud's store.
type StoredSecret struct {
	Namespace, Name string
	Key             string      // its name in the store
	Data            [][2]string // each key of the Secret, and what the store calls it
}

// TelemetrySecrets are what it takes to send logs and metrics away, and to take those of others.
func (e *Environment) TelemetrySecrets() []StoredSecret {
	kept := e.Fleet.Telemetry
	if kept == nil || e.Role == "hub" || e.Cluster == nil || secretKeyLimit(e.Cluster.Cloud) == 0 {
		return nil
	}
	var secrets []StoredSecret
	for _, name := range []string{loggingAddon, monitoringAddon} {
		addon := e.Addons[name]
		sends := addon.Enabled && (name == loggingAddon || kept.Environment != e.Name)
		if sends && !slices.ContainsFunc(secrets, func(s StoredSecret) bool { return s.Namespace == addon.Namespace }) {
			secrets = append(secrets, StoredSecret{addon.Namespace, telemetry.Secret, e.SecretKey(kept.Credential), [][2]string{{"username", "username"}, {"password", "password"}}})
		}
	}
	if addon := e.Addons[keepingAddon]; addon.Enabled && kept.Environment == e.Name {
		secrets = append(secrets, StoredSecret{addon.Namespace, telemetry.Secret + "-senders", e.SecretKey(kept.Credential + "-senders"), [][2]string{{".htpasswd", "htpasswd"}}})
	}
	return secrets
}

// shipping lays what sends logs and metrics away under the values of the addons that collect them. A hub keeps its own: it reads
// nothing from a cloud's store as spokes do.
func (f *FleetConfig) shipping(environment string, merged, addons *cuefile.Node) *cuefile.Node {
	if f.Telemetry == nil || addons == nil || addons.Fields == nil || merged.Child("role").Scalar != "spoke" {
		return addons
	}
	values := map[string]any{loggingAddon: telemetry.Logs(f.Telemetry.Logs, environment)}
	if f.Telemetry.Environment != environment {
		values[monitoringAddon] = telemetry.Metrics(f.Telemetry.Metrics, environment)
	}
	for name, value := range values {
		if addon := addons.Child(name); addon != nil && addon.Fields != nil {
			addons = addons.With(name, cuefile.Merge(cuefile.Plain(FleetFile, map[string]any{"values": value}), addon))
		}
	}
	return addons
}

// dashboards lays under our addon for metrics what gives its Grafana a password that stays, where our External Secrets is there to make it
// before Grafana needs it. A fleet that says another chart, or where Grafana takes its password from, has what it says.
func dashboards(merged, addons *cuefile.Node) *cuefile.Node {
	addon, grafana := addons.Child(monitoringAddon), addons.Find(monitoringAddon, "values", "grafana")
	if !isOurs(addon) || grafana != nil && grafana.Fields == nil || !makesPasswords(merged, addons) {
		return addons
	}
	if enabled := grafana.Child("enabled"); enabled != nil && enabled.Scalar == false {
		return addons
	}
	for _, own := range []string{"admin", "adminPassword", "namespaceOverride"} {
		if grafana.Child(own) != nil {
			return addons
		}
	}
	namespace, _ := addon.Child("namespace").Data().(string)
	administrator, _ := grafana.Child("adminUser").Data().(string)
	return addons.With(monitoringAddon, cuefile.Merge(cuefile.Plain(ownDefaults, telemetry.Dashboards(namespace, orElse(administrator, "admin"))), addon))
}

// isOurs says whether an addon has the chart that comes with Spokewright, from wherever.
func isOurs(addon *cuefile.Node) bool {
	chart := addon.Child("chart")
	return chart != nil && chart.Position.File == ownDefaults
}

// makesPasswords says whether External Secrets makes passwords in time for the addon for metrics. Both are of the first addons, with
// which what addons make comes; a hub has External Secrets beside its addons.
func makesPasswords(merged, addons *cuefile.Node) bool {
	first := func(addon string) bool {
		order := addons.Find(addon, "order")
		return order == nil || order.Data() == int64(0)
	}
	if merged.Child("role").Scalar == "hub" {
		return first(monitoringAddon)
	}
	reads := addons.Child(secretsAddon)
	enabled := reads.Child("enabled")
	return isOurs(reads) && enabled != nil && enabled.Scalar == true && first(secretsAddon) && first(monitoringAddon)
}
