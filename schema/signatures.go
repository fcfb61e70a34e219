package schema

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
)

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
	if c.whole("signatures", "key") && !isPublicKey(s.Key) {
		c.report("found a PEM block without a public key in it, allowed is an ECDSA, RSA or Ed25519 key, such as the cosign.pub of cosign generate-key-pair", "signatures", "key")
	}
	if kyverno := c.fleet.Targets.Kyverno; c.whole("targets", "kyverno") && kyverno.Before("1.19") {
		c.report(fmt.Sprintf(`found %q with signatures, which Kyverno 1.19 is the first to bind to what a node pulls: allowed is a version from "1.19" on, or no signatures`, kyverno.Version), "targets", "kyverno", "version")
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
