package conformance

import (
	"testing"

	"github.com/stretchr/testify/require"
	"spokewright.dev/spokewright/conformance/documents"
	"spokewright.dev/spokewright/internal/crossplane/xrd"
)

// composites gives the definitions that Crossplane makes of the XRDs among the documents. No Crossplane runs on this hub:
// they are made by our own derivation, which thereby is put before the API server too.
func composites(t *testing.T, all []documents.Document) []documents.Document {
	t.Helper()
	var definitions []documents.Document
	for _, document := range all {
		if document.ID().Kind != "CompositeResourceDefinition" {
			continue
		}
		derived, err := xrd.CRDs(document.Object)
		require.NoError(t, err, document.Source)
		for _, object := range derived {
			definition, err := documents.Of("derived from "+document.Source, object)
			require.NoError(t, err)
			definitions = append(definitions, definition)
		}
	}
	return definitions
}
