package constraint

import (
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/cuecontext"
)

func TestZZ(t *testing.T) {
	b, _ := os.ReadFile(os.Getenv("ZZ"))
	v := cuecontext.New().CompileBytes(b, cue.Filename("t.cue"))
	if v.Err() != nil {
		fmt.Println("compile", v.Err())
	}
	it, err := v.Fields(cue.All())
	if err != nil {
		t.Fatal(err)
	}
	for it.Next() {
		x := v.LookupPath(cue.MakePath(it.Selector()))
		p := Parse
		if it.Selector().IsDefinition() {
			p = ParseDefinition
		}
		c, err := p(x)
		fmt.Println("==", it.Selector())
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println("  ", c)
		fmt.Println("  ", c.CEL("object"))
		j, _ := json.Marshal(c.OpenAPI())
		fmt.Println("  ", string(j))
	}
}
