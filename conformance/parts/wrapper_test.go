package parts

import (
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/mod/modfile"
)

func TestWrapper(t *testing.T) {
	cases := map[string]struct {
		reason, upstream string
		part             Part
		want, wrong      string
	}{
		"plain": {
			reason:   "go and godebug lines and replaces are repeated; requires come with the module",
			upstream: "module example.com/a/v3\ngo 1.25.5\ngodebug default=go1.24\nrequire example.com/b v1.0.0\nreplace example.com/b => example.com/c v1.2.0\nreplace example.com/d v0.1.0 => example.com/d v0.2.0\n",
			part:     Part{Module: "example.com/a/v3", Version: "v3.2.6"},
			want:     "module wrapper\n\ngo 1.25.5\n\nrequire example.com/a/v3 v3.2.6\n\ngodebug default=go1.24\n\nreplace example.com/b => example.com/c v1.2.0\n\nreplace example.com/d v0.1.0 => example.com/d v0.2.0\n",
		},
		"dropped": {
			reason:   "a folder of the upstream repository is not in the module's zip; the module itself is published",
			upstream: "module example.com/a\ngo 1.26.0\nreplace example.com/a/api => ../api\nreplace example.com/b => example.com/c v1.2.0\n",
			part:     Part{Module: "example.com/a", Version: "v1.0.0", Local: Drop},
			want:     "module wrapper\n\ngo 1.26.0\n\nrequire example.com/a v1.0.0\n\nreplace example.com/b => example.com/c v1.2.0\n",
		},
		"staging": {
			reason:   "Kubernetes' staging modules are published at a version of their own",
			upstream: "module example.com/a\ngo 1.26.0\nreplace example.com/api => ./staging/api\n",
			part:     Part{Module: "example.com/a", Version: "v1.36.3", Local: "v0.36.3"},
			want:     "module wrapper\n\ngo 1.26.0\n\nrequire example.com/a v1.36.3\n\nreplace example.com/api => example.com/api v0.36.3\n",
		},
		"undecided": {
			reason:   "what a local replace becomes is never guessed",
			upstream: "module example.com/a\nreplace example.com/api => ./api\n",
			part:     Part{Name: "a", Module: "example.com/a", Version: "v1.0.0"},
			wrong:    "a: example.com/a@v1.0.0 replaces example.com/api by its own folder ./api: its Local must say what to do",
		},
		"moved": {
			reason:   "a module that moved declares its old path",
			upstream: "module example.com/old\ngo 1.26.0\n",
			part:     Part{Module: "example.com/new", Version: "v0.5.0", Replace: []string{"example.com/b=example.com/c@v1.0.0"}},
			want:     "module wrapper\n\ngo 1.26.0\n\nrequire example.com/old v0.5.0\n\nreplace example.com/old => example.com/new v0.5.0\n\nreplace example.com/b => example.com/c v1.0.0\n",
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			upstream, err := modfile.Parse("go.mod", []byte(c.upstream), nil)
			require.NoError(t, err)
			got, err := wrapper(c.part, upstream)
			if c.wrong != "" {
				require.EqualError(t, err, c.wrong, c.reason)
				return
			}
			require.NoError(t, err)
			require.Equal(t, c.want, string(got), c.reason)
		})
	}
}
