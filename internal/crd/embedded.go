package crd

import (
	"embed"
	"fmt"
	"strings"
)

// kinds holds the schemas of the kinds that Spokewright emits, a file each, named group_version_Kind.json. TestKinds
// makes them from the CRDs of the projects' own releases, and says what it leaves out.
//
//go:embed kinds/*.json
var kinds embed.FS

// Embedded is the Set of the kinds that Spokewright emits, claims and composite resources excepted: those are as the
// fleet's XRDs say, see Declared. It is stricter than the APIs: an ApplicationSet has list generators with literal
// elements only, a SecretStore the kubernetes provider only. Kubernetes' own kinds are in it too, as far as fields and their types go.
func Embedded() *Set {
	files, err := kinds.ReadDir("kinds")
	if err != nil {
		panic(err) // the folder is in the binary
	}
	schemas := natives()
	for _, file := range files {
		schemas = append(schemas, embedded(file.Name()))
	}
	return NewSet(schemas...)
}

func embedded(file string) Schema {
	name := strings.Split(strings.TrimSuffix(file, ".json"), "_")
	if len(name) != 3 {
		panic(fmt.Sprintf("kinds/%s: not group_version_Kind.json", file))
	}
	line, err := kinds.ReadFile("kinds/" + file)
	if err != nil {
		panic(err)
	}
	return newSchema(name[0]+"/"+name[1], name[2], line)
}
