// Package registry is a real container registry on loopback for the time of one test, with images and what cosign signs
// of them. It is not for pulling: its images hold random bytes.
package registry

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// Registry speaks plain HTTP, as clients expect of a loopback address.
type Registry struct {
	Host string // HOST:PORT

	answers sync.RWMutex // locked while the registry does not answer
}

// Start runs a registry until the test is over. It knows of referrers, as OCI 1.1 has them.
func Start(t *testing.T) *Registry {
	t.Helper()
	r := &Registry{}
	content := registry.New(registry.Logger(log.New(io.Discard, "", 0)), registry.WithReferrersSupport(true))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		r.answers.RLock()
		defer r.answers.RUnlock()
		content.ServeHTTP(w, request)
	}))
	t.Cleanup(server.Close)
	r.Host = strings.TrimPrefix(server.URL, "http://")
	return r
}

// Hold keeps every answer back until release is called.
func (r *Registry) Hold() (release func()) {
	r.answers.Lock()
	return r.answers.Unlock
}

// Push puts a new image under a name, as REPOSITORY:TAG, and gives its reference by digest. Where platforms are named it
// is an index of an image for each.
func (r *Registry) Push(nameAndTag string, platforms ...string) (string, error) {
	tag, err := name.NewTag(r.Host + "/" + nameAndTag)
	if err != nil {
		return "", err
	}
	image, err := made(platforms)
	if err != nil {
		return "", err
	}
	digest, err := image.Digest()
	if err != nil {
		return "", err
	}
	return tag.Repository.Digest(digest.String()).String(), remote.Push(tag, image)
}

type pushable interface {
	remote.Taggable
	Digest() (v1.Hash, error)
}

func made(platforms []string) (pushable, error) {
	if platforms == nil {
		return random.Image(64, 1)
	}
	var index v1.ImageIndex = empty.Index
	for _, text := range platforms {
		platform, err := v1.ParsePlatform(text)
		if err != nil {
			return nil, err
		}
		image, err := random.Image(64, 1)
		if err != nil {
			return nil, err
		}
		index = mutate.AppendManifests(index, mutate.IndexAddendum{Add: image, Descriptor: v1.Descriptor{Platform: platform}})
	}
	return index, nil
}

// Borrow makes the signatures of one image, both given by digest, stand with another too: the tag that cosign names after
// a digest, and what refers to it.
func (r *Registry) Borrow(from, to string) error {
	owner, err := name.NewDigest(from)
	if err != nil {
		return err
	}
	borrower, err := name.NewDigest(to)
	if err != nil {
		return err
	}
	if attached, err := remote.Image(signatureTag(owner)); err == nil {
		return remote.Write(signatureTag(borrower), attached)
	}
	subject, err := remote.Head(borrower)
	if err != nil {
		return err
	}
	referrers, err := remote.Referrers(owner)
	if err != nil {
		return err
	}
	index, err := referrers.IndexManifest()
	if err != nil {
		return err
	}
	for _, referrer := range index.Manifests {
		if err := refer(owner.Context().Digest(referrer.Digest.String()), borrower, *subject); err != nil {
			return err
		}
	}
	return nil
}

// refer copies what refers to one image so that it refers to another.
func refer(referrer, borrower name.Digest, subject v1.Descriptor) error {
	bundle, err := remote.Image(referrer)
	if err != nil {
		return err
	}
	copied := mutate.Subject(bundle, subject).(v1.Image)
	digest, err := copied.Digest()
	if err != nil {
		return err
	}
	return remote.Write(borrower.Context().Digest(digest.String()), copied)
}

// signatureTag is where cosign keeps what it attaches to an image: sha256-DIGEST.sig.
func signatureTag(image name.Digest) name.Tag {
	return image.Context().Tag(strings.Replace(image.DigestStr(), ":", "-", 1) + ".sig")
}
