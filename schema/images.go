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
	case app.WriteTo == "kustomization" && app.Type != "kustomize":
		c.report(finding.Unsupported, fmt.Sprintf(`found "kustomization", allowed is "parameters" for type %q`, app.Type), "apps", name, "writeTo")
	}
	aliases := map[string]string{}
	for _, alias := range slices.Sorted(maps.Keys(app.Images)) {
		image := app.Images[alias]
		if other, twice := aliases[image.Name]; twice {
			c.report(finding.NameTaken, fmt.Sprintf("found the image %s as %q and as %q, allowed is one short name: two overwrite each other", finding.Shorten(image.Name, 72), finding.Shorten(other, 72), finding.Shorten(alias, 72)),
				"apps", name, "images", alias)
		}
		aliases[image.Name] = alias
		c.image(e, []string{"apps", name, "images", alias}, image)
	}
}

func (c *checker) image(e *Environment, path []string, image Image) {
	report := func(code finding.Code, field, message string) {
		c.report(code, message, append(slices.Clip(path), field)...)
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
