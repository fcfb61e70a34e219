package externalname

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// An invented name has a form and a consequence, and no other has; each kind stands there once, with where it was read.
func TestEveryKindIsWhole(t *testing.T) {
	seen := map[string]bool{}
	for _, kind := range Kinds() {
		key := kind.Group + "/" + kind.Name
		assert.False(t, seen[key], "%s stands there twice", key)
		seen[key] = true
		assert.NotEmpty(t, kind.Key, key)
		assert.NotEmpty(t, kind.Setting, key)
		invented := kind.Origin == Invented
		assert.Equal(t, invented, kind.Again != "", key)
		if invented {
			assert.NotContains(t, fmt.Sprintf(kind.Form, "0a1b"), "%!", key)
			assert.Equal(t, 1, strings.Count(fmt.Sprintf(kind.Form, "0a1b"), "0a1b"), key)
		} else {
			assert.Empty(t, kind.Form, key)
		}
	}
}

func TestOfKnowsBothGenerations(t *testing.T) {
	for _, group := range []string{"ec2.aws.upbound.io", "ec2.aws.m.upbound.io"} {
		kind, known := Of(group, "VPC")
		assert.True(t, known, group)
		assert.Equal(t, Invented, kind.Origin)
	}
	group, known := Of("azure.m.upbound.io", "ResourceGroup")
	assert.True(t, known)
	assert.Equal(t, Named, group.Origin)
	_, known = Of("ec2.aws", "VPC")
	assert.False(t, known, "no group of Kubernetes")
	_, known = Of("ec2.aws.upbound.io", "Instance")
	assert.False(t, known, "no composition uses it")
}
