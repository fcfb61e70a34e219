package scaffold

import (
	"path"
	"regexp"
	"strconv"
	"strings"

	"spokewright.dev/spokewright/internal/finding"
)

// Answers are what a fleet cannot be begun without.
type Answers struct {
	Name    string
	Owner   string
	URL     string // of its Git repository
	Path    string // its folder there; empty for the root
	Cloud   string
	Region  string
	Account string // the account's number, the subscription or the project; empty where nobody knows it yet
}

// cloud is what a fleet on a cloud begins with, where nothing else is said.
type cloud struct {
	name, region string
	account      string         // what stands for an account that nobody named: it has the form of one, and is nobody's
	form         *regexp.Regexp // of an account
	phrase       string
	field        string // of fleet.cue; ACCOUNT is replaced
}

const nobody = "00000000-0000-0000-0000-000000000000"

func clouds() []cloud {
	return []cloud{
		{"aws", "eu-west-1", "000000000000", regexp.MustCompile(`^[0-9]{12}$`), "the number of an account, twelve digits",
			`accounts: aws: {cloud: "aws", account: "ACCOUNT"}`},
		{"azure", "westeurope", nobody, regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`), "the id of a subscription",
			"accounts: azure: {\n\tcloud:        \"azure\"\n\tsubscription: \"ACCOUNT\"\n" +
				"\t// REPLACE: the tenant of its identities, and the identity that makes what environments ask for.\n" +
				"\ttenant: \"" + nobody + "\"\n\tclient: \"" + nobody + "\"\n}"},
		{"gcp", "europe-west1", "replace-this-project", regexp.MustCompile(`^[a-z][-a-z0-9]{4,28}[a-z0-9]$`), "the id of a project",
			"// REPLACE: the project's number.\naccounts: gcp: {cloud: \"gcp\", project: \"ACCOUNT\", number: \"000000000000\"}"},
	}
}

// Clouds are the clouds that a fleet may begin on; the first is the one where nothing is said.
func Clouds() []string {
	var names []string
	for _, c := range clouds() {
		names = append(names, c.name)
	}
	return names
}

// cloud is that of the answers; nothing where there is none of its name.
func (a Answers) cloud() cloud {
	for _, c := range clouds() {
		if c.name == a.Cloud {
			return c
		}
	}
	return cloud{}
}

// WithDefaults fills in what was not said. folder is the name of the folder that the fleet goes to.
func (a Answers) WithDefaults(folder string) Answers {
	set := func(field *string, value string) {
		if *field == "" {
			*field = value
		}
	}
	set(&a.Name, nameOf(folder))
	set(&a.Owner, "platform")
	set(&a.Cloud, Clouds()[0])
	set(&a.Region, a.cloud().region)
	set(&a.URL, a.placeholderURL())
	return a
}

func (a Answers) placeholderURL() string { return "https://git.example.com/" + a.Name + "/fleet.git" }

// nameOf makes the name of a folder one of a fleet.
func nameOf(folder string) string {
	name := regexp.MustCompile(`[^a-z0-9]+`).ReplaceAllString(strings.ToLower(folder), "-")
	if name = strings.Trim(name, "-"); name == "" || name[0] <= '9' {
		name = strings.TrimSuffix("fleet-"+name, "-")
	}
	return name
}

// Judge finds answers that are none. What fleet.cue allows in general is judged where it is read.
func (a Answers) Judge() error {
	c := a.cloud()
	var found finding.Findings
	refuse := func(flag, value, allowed, suggestion string) {
		found = append(found, finding.Finding{Code: finding.CommandLine, Message: "--" + flag + ": found " + finding.Quote(value) + ", allowed is " + allowed, Suggestion: suggestion})
	}
	if c.name == "" {
		refuse("cloud", a.Cloud, finding.OneOf(finding.Quoted(Clouds())), finding.Suggest(a.Cloud, Clouds()))
	} else if a.Account != "" && !c.form.MatchString(a.Account) {
		refuse("account", a.Account, c.phrase, "")
	}
	return found.Err()
}

// The words of the template.

// PlaceholderURL says whether nobody named the repository.
func (a Answers) PlaceholderURL() bool { return a.URL == a.placeholderURL() }

// PlaceholderAccount says whether nobody named the account.
func (a Answers) PlaceholderAccount() bool { return a.Account == "" }

// AccountField is what fleet.cue says of the account.
func (a Answers) AccountField() string {
	c := a.cloud()
	account := a.Account
	if account == "" {
		account = c.account
	}
	return strings.ReplaceAll(c.field, "ACCOUNT", account)
}

// In is the flag by which a command at the root of the repository finds the fleet.
func (a Answers) In() string {
	if a.Path == "" {
		return ""
	}
	return " -C " + a.Path
}

// Prefix is the fleet's folder in a regular expression.
func (a Answers) Prefix() string {
	if a.Path == "" {
		return ""
	}
	return regexp.QuoteMeta(path.Clean(a.Path)) + "/"
}

func quote(text string) string { return strconv.Quote(text) }
