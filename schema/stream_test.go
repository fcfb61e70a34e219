package schema

import (
	"bytes"
	"cmp"
	"encoding/gob"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// A fleet that is read as a stream is refused for what one is refused for that is read at once, in the same words; and what it knows of
// an environment of which it keeps an outline, from now or from an earlier time, is what was read.
func TestStreamIsTheFleet(t *testing.T) {
	reader, err := NewReader()
	require.NoError(t, err)
	fine, refused := 0, 0
	for seed := range uint64(400) {
		random := rand.New(rand.NewPCG(seed, 16))
		tree := fleetOf(drawnSpecs(random))
		want, wanted := reader.Fleet(tree)
		known := Outlines{}
		for range 2 { // first with nothing known
			got, err := streamed(reader, tree, random, known)
			if wanted != nil {
				require.EqualError(t, err, wanted.Error(), "seed %d", seed)
				refused++
				continue
			}
			require.NoError(t, err, "seed %d", seed)
			require.Equal(t, want.Names(), got.Names())
			for name, e := range want.Environments {
				require.Equal(t, e.outline(), got.Environments[name].again(e), "seed %d, %s", seed, name)
				require.Equal(t, e.Written("cluster", "network", "cidr"), got.Environments[name].Written("cluster", "network", "cidr"))
			}
			fine++
			var text bytes.Buffer
			require.NoError(t, gob.NewEncoder(&text).Encode(known))
			clear(known)
			require.NoError(t, gob.NewDecoder(&text).Decode(&known))
		}
	}
	require.Greater(t, fine, 100)
	require.Greater(t, refused, 100)
}

// again is the outline of an environment of which perhaps no more than that is known: what it cannot tell any more is taken from the whole.
func (e Environment) again(whole Environment) Outline {
	o, of := e.outline(), whole.outline()
	o.Once, o.Alone = of.Once, of.Alone
	return o
}

// streamed reads a fleet as a stream: some environments as a whole, some by their outlines.
func streamed(reader *Reader, tree fs.FS, random *rand.Rand, known Outlines) (*Fleet, error) {
	s, err := reader.Stream(tree, Known{Salt: "salt", Outlines: known})
	if err != nil {
		return nil, err
	}
	found := Outlines{}
	for _, name := range s.Names {
		if random.IntN(3) > 0 {
			o, isNew, err := s.Outlined(name)
			if err != nil {
				return nil, wholly(reader, tree, err)
			}
			if isNew {
				found[name] = o
			}
			continue
		}
		e, err := s.Environment(name)
		if err != nil {
			return nil, wholly(reader, tree, err)
		}
		s.Seen(e, random.IntN(2) == 0)
	}
	for name, o := range found {
		known[name] = o
	}
	return s.Fleet()
}

// wholly is the error of the fleet, as whoever streams it tells it.
func wholly(reader *Reader, tree fs.FS, err error) error {
	_, found := reader.Fleet(tree)
	return cmp.Or(found, err)
}

// drawnSpecs are specs of a small fleet, of which some do not go together.
func drawnSpecs(random *rand.Rand) map[string]string {
	one := func(texts ...string) string { return texts[random.IntN(len(texts))] }
	rarely := func(texts ...string) string {
		if random.IntN(9) > 0 {
			return ""
		}
		return one(texts...)
	}
	specs := map[string]string{"hub": "class: \"production\"\nrole: \"hub\"\n" + rarely("hub: \"other\"\n", "owner: 7\n")}
	if random.IntN(3) == 0 {
		specs["second"] = "class: \"staging\"\nrole: \"hub\"\n"
	}
	for i, name := range []string{"one", "two", "one-apps", "three"}[:1+random.IntN(4)] {
		text := "class: " + one(`"development"`, `"staging"`, `"production"`, `*"staging" | "development"`) + "\n"
		if len(specs) > 1 || random.IntN(9) == 0 {
			text += one("hub: \"hub\"\n", "hub: \"hub\"\n", "hub: \"second\"\n", "")
		}
		text += fmt.Sprintf("cluster: {cloud: \"aws\", region: \"eu-west-1\", network: {cidr: %q%s}%s}\n", one(fmt.Sprintf("10.%d.0.0/16", i), "10.0.0.0/16"),
			rarely(`, peers: ["two"]`, `, peers: ["one", "two"]`, `, peers: ["nobody"]`), rarely(`, adopt: {externalName: "vpc"}`))
		text += rarely("id: \"trial-one\"\n", "id: \"same\"\n")
		text += rarely("apps: apps: {path: \"x\"}\n", "databases: main: {engine: \"postgres\", storageGB: 20, id: \"same-db\"}\n", "apps: web: {path: \"deploy/web\", type: \"kustomize\", writeTo: \"deploy/shared\", images: web: {name: \"registry.example.com/web\", follow: \"~1.0\"}}\n")
		text += rarely("nonsense: 1\n", "moved: [{from: \"apps/a\", to: \"apps/b\"}]\n", "flavours: [\"serverless\"]\n", "retiring: \"release\"\n")
		specs[name] = text
	}
	return specs
}
