package registry

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
)

// Cosign is the real program.
type Cosign struct{ Program string }

// Key is a pair that cosign made.
type Key struct {
	Public string // a PEM block
	file   string // the private key
}

// Generate makes a pair of keys in a folder of its own.
func (c Cosign) Generate(ctx context.Context, folder string) (Key, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return Key{}, err
	}
	if err := c.run(ctx, folder, "generate-key-pair"); err != nil {
		return Key{}, err
	}
	public, err := os.ReadFile(filepath.Join(folder, "cosign.pub"))
	return Key{string(public), filepath.Join(folder, "cosign.key")}, err
}

// Form is how cosign keeps a signature.
type Form string

// The forms: a bundle that refers to the image is what cosign 3 makes by default, a signature under a tag what cosign 2 did.
const (
	Bundle   Form = "bundle"
	Attached Form = "attached"
)

// Sign signs an image, given by digest, and tells no transparency log.
func (c Cosign) Sign(ctx context.Context, key Key, form Form, image string) error {
	return c.put(ctx, key, "sign", "--new-bundle-format="+strconv.FormatBool(form == Bundle), image)
}

// Attest says something about an image, in a bundle.
func (c Cosign) Attest(ctx context.Context, key Key, image string) error {
	predicate := filepath.Join(filepath.Dir(key.file), "predicate.json")
	if err := os.WriteFile(predicate, []byte(`{"passed": false}`), 0o600); err != nil {
		return err
	}
	return c.put(ctx, key, "attest", "--predicate", predicate, image)
}

func (c Cosign) put(ctx context.Context, key Key, verb string, args ...string) error {
	return c.run(ctx, filepath.Dir(key.file), append([]string{verb, "--key", key.file, "--tlog-upload=false", "--use-signing-config=false", "--yes"}, args...)...)
}

func (c Cosign) run(ctx context.Context, folder string, args ...string) error {
	cmd := exec.CommandContext(ctx, c.Program, args...)
	cmd.Dir = folder
	cmd.Env = append(os.Environ(), "COSIGN_PASSWORD=", "HOME="+folder)
	if output, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("cosign %s: %w: %s", args[0], err, output)
	}
	return nil
}
