package main

import (
	"bufio"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"spokewright.dev/spokewright/internal/scaffold"
)

// TestInitAsks answers as a person does: what a flag said is not asked, an empty line takes what is proposed, and what is
// proposed follows from the answers before.
func TestInitAsks(t *testing.T) {
	var asked strings.Builder
	got := ask(scaffold.Answers{Owner: "team-a"}, "shop", bufio.NewScanner(strings.NewReader("\n\ngcp\nshop-prod\n")), &asked)
	assert.Equal(t, scaffold.Answers{Owner: "team-a", Cloud: "gcp", Account: "shop-prod"}, got)
	assert.Equal(t, "name of the fleet [shop]: address of its Git repository [https://git.example.com/shop/fleet.git]: cloud (aws, azure, gcp) [aws]: "+
		"account, subscription or project []: region [europe-west1]: ", asked.String())
}
