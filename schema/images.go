package schema

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"maps"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"

	"github.com/Masterminds/semver/v3"
	"spokewright.dev/spokewright/internal/finding"
)

// images reports what Image Updater is known to break on.
func (c *checker) images(e *Environment, name string, app App) {
	switch {
	case app.Chart != "":
		c.report(finding.Unsupported, "found images of a chart of a chart repository, where no Git file holds the tags: keep the chart in Git and give its path", "apps", name, "images")
		return
	case app.Type == "directory":
		c.report(finding.Unsupported, `found images of an app of type "directory": Image Updater cannot write new tags into plain manifests`, "apps", name, "images")
		return
	case strings.HasPrefix(app.Repository, "oci://"):
		c.report(finding.Unsupported, "found images of an app in "+finding.Quote(app.Repository)+", which is no Git repository that Image Updater could write tags to: follow them where the artifact is made", "apps", name, "images")
		return
	case app.WriteTo == "kustomization" && app.Type != "kustomize":
		c.report(finding.Unsupported, fmt.Sprintf(`found "kustomization", allowed is "parameters" for type %q`, app.Type), "apps", name, "writeTo")
	case app.ValuesFile() != "" && app.Type != "helm":
		c.report(finding.Unsupported, fmt.Sprintf("found %s, which is for charts: allowed is \"parameters\" or \"kustomization\" for type %q", finding.Quote(app.WriteTo), app.Type), "apps", name, "writeTo")
	}
	if sort := fixed(app.Revision); sort != "" {
		c.report(finding.Unsupported, fmt.Sprintf("found images of an app at revision %s, which reads like %s: Image Updater commits new tags to a branch; allowed is its name, or no images", finding.Quote(app.Revision), sort), "apps", name, "revision")
	}
	written := map[string]string{} // by what is written to: the short name of the image
	for _, alias := range slices.Sorted(maps.Keys(app.Images)) {
		image := app.Images[alias]
		for _, target := range image.targets(app.Type) {
			other, twice := written[target.name]
			if !twice {
				written[target.name] = alias
			} else if !target.shared || app.Images[other].Name != image.Name {
				c.report(finding.NameTaken, fmt.Sprintf("found images %s and %s that are both written to %s: the last one would win; %s", finding.Quote(other), finding.Quote(alias), target.name, target.advice), "apps", name, "images", alias)
				break
			}
		}
		c.image(e, app, []string{"apps", name, "images", alias}, image)
	}
}

// imageTarget is what a new tag of an image is written to.
type imageTarget struct {
	name   string
	shared bool // by what has the same image
	advice string
}

// targets are what new tags are written to: of a chart, the values for the name and the tag, as Image Updater calls them where
// nothing is said (1.3.0, pkg/argocd, SetHelmImage); of all else, the image itself.
func (i Image) targets(app string) []imageTarget {
	if app != "helm" {
		return []imageTarget{{name: "the image " + finding.Shorten(i.Name, 72), advice: "allowed is one short name for an image"}}
	}
	const advice = `allowed are values of its own for each: helm: {name: "web.image.repository", tag: "web.image.tag"}`
	return []imageTarget{{"the value " + finding.Quote(orElse(i.Helm.Tag, "image.tag")), false, advice}, {"the value " + finding.Quote(orElse(i.Helm.Name, "image.name")), true, advice}}
}

// fixed says what a revision is that new commits do not move; empty where it may be a branch. Commits and the tags of releases are
// known by how they are written.
func fixed(revision string) string {
	version, _, _ := strings.Cut(strings.TrimPrefix(revision, "v"), "+")
	version, _, _ = strings.Cut(version, "-")
	switch numbers := strings.Split(version, "."); {
	case consistsOf(revision, "0123456789abcdef") && (len(revision) == 40 || len(revision) == 64):
		return "a commit"
	case strings.HasPrefix(revision, "refs/tags/"),
		len(numbers) == 3 && !slices.ContainsFunc(numbers, func(n string) bool { return !consistsOf(n, "0123456789") }):
		return "a tag"
	}
	return ""
}

func consistsOf(text, letters string) bool { return text != "" && strings.Trim(text, letters) == "" }

func (c *checker) image(e *Environment, app App, path []string, image Image) {
	report := func(code finding.Code, field, message string) {
		c.report(code, message, append(slices.Clip(path), field)...)
	}
	if _, err := semver.NewConstraint(image.Follow); err != nil && image.Strategy() == "semver" && c.known(append(slices.Clip(path), "follow")...) {
		report(finding.WrongValue, "follow", fmt.Sprintf(`found %s, which Image Updater reads as no version range: allowed is one such as "~1.4", ">=1.2, <2.0" or "1.4.x || 1.6.x"`, finding.Quote(image.Follow)))
	}
	if app.ValuesFile() != "" && app.Type == "helm" && (image.Helm.Name == "" || image.Helm.Tag == "") {
		report(finding.MissingField, "helm", `missing: a file of values needs the values of name and tag, such as helm: {name: "image.repository", tag: "image.tag"}`)
	}
	if image.Allow != "" {
		if _, err := regexp.Compile(image.Allow); err != nil {
			report(finding.WrongValue, "allow", fmt.Sprintf("found %s, allowed is a regular expression (%s)", finding.Quote(image.Allow), finding.Shorten(err.Error(), 72)))
			return
		}
	}
	if image.Strategy() == "digest" && image.Tag == "" {
		report(finding.MissingField, "tag", `missing: allowed is the tag whose content "digest" follows, such as "stable"`)
	}
	if image.Strategy() != "digest" && image.Tag != "" {
		report(finding.Inconsistent, "tag", fmt.Sprintf(`found %s, but a tag is only for follow: "digest"`, finding.Quote(image.Tag)))
	}
	if !e.Class.ImmutableImages {
		return
	}
	mutable := image.Strategy() == "newest-build" || image.Strategy() == "alphabetical"
	if mutable && !narrow(image.Allow) {
		report(finding.WrongValue, "follow", fmt.Sprintf(`found %q, allowed in class %q is a version range, "digest", or this with an allow that names whole tags ("^...$") but not "latest"`,
			image.Follow, finding.Shorten(e.Class.Name, 72)))
	}
	if image.Strategy() == "digest" && image.Tag == "latest" {
		report(finding.WrongValue, "tag", fmt.Sprintf(`found "latest", allowed in class %q is a tag that stands for a release`, finding.Shorten(e.Class.Name, 72)))
	}
}

// narrow says whether a regular expression speaks of whole tags, and not of any.
func narrow(pattern string) bool {
	parsed, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil || !anchored(parsed) {
		return false
	}
	return !regexp.MustCompile(pattern).MatchString("latest")
}

func anchored(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpCapture:
		return anchored(re.Sub[0])
	case syntax.OpAlternate:
		return !slices.ContainsFunc(re.Sub, func(sub *syntax.Regexp) bool { return !anchored(sub) })
	case syntax.OpConcat:
		return re.Sub[0].Op == syntax.OpBeginText && re.Sub[len(re.Sub)-1].Op == syntax.OpEndText
	}
	return false
}

// Signatures says how images are signed.
type Signatures struct {
	Key             string   `json:"key"`    // the public key, a PEM block; empty where images are not signed
	Images          []string `json:"images"` // what must be signed: references with * for any text, each with one at its end
	TransparencyLog bool     `json:"transparencyLog"`
}

// credentials reports a Secret that Image Updater would not read: since 1.0 it takes none but those in the namespace of the
// Application, which is Argo CD's (1.3.0, pkg/argocd, getCredsFromSecret).
func (c *fleetChecker) credentials() {
	secret := c.fleet.ImageUpdates.Credentials
	if namespace, name, _ := strings.Cut(secret, "/"); namespace != "argocd" && c.known("imageUpdates") && !c.fleet.Targets.ImageUpdater.Before("1.0") {
		c.report(finding.WrongValue, fmt.Sprintf("found %s, allowed is a Secret in the namespace of Argo CD's Applications: Image Updater reads no other; such as %s", finding.Quote(secret), finding.Quote("argocd/"+name)), "imageUpdates", "credentials")
	}
}

// signatures reports a key that no signature fits, by which no spoke would run an image any more, and a Kyverno that
// verifies what a tag is now, while a node may pull something else: before 1.19 its ImageValidatingPolicy reads
// verifyDigest without holding it.
func (c *fleetChecker) signatures() {
	s := c.fleet.Signatures
	if s.Key == "" {
		return
	}
	if c.known("signatures", "key") && !isPublicKey(s.Key) {
		c.report(finding.WrongValue, "found a PEM block without a public key in it, allowed is an ECDSA, RSA or Ed25519 key, such as the cosign.pub of cosign generate-key-pair", "signatures", "key")
	}
	if kyverno := c.fleet.Targets.Kyverno; c.known("targets", "kyverno") && kyverno.Before("1.19") {
		c.report(finding.Unsupported, fmt.Sprintf(`found %q with signatures, which Kyverno 1.19 is the first to bind to what a node pulls: allowed is a version from "1.19" on, or no signatures`, kyverno.Version), "targets", "kyverno", "version")
	}
}

func isPublicKey(text string) bool {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return false
	}
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return false
	}
	switch key.(type) {
	case *ecdsa.PublicKey, *rsa.PublicKey, ed25519.PublicKey:
		return true
	}
	return false
}
