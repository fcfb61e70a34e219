package doctor

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"spokewright.dev/spokewright/internal/editor"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/guard"
	"spokewright.dev/spokewright/internal/merge"
	"spokewright.dev/spokewright/internal/render"
	"spokewright.dev/spokewright/schema"
)

// lookAtVersion finds out whether this program is as new as the fleet wants, and can read what the fleet says.
func lookAtVersion(i *Installation) ([]Symptom, error) {
	if wanted := schema.NewerWanted(i.Fleet.Tree, i.Version); wanted != "" {
		return []Symptom{{Check: "version",
			Message: fmt.Sprintf("this is spokewright %s, and %s wants minVersion %s or later", i.Version, schema.FleetFile, wanted),
			Remedy:  "install spokewright " + wanted + " or later"}}, nil
	}
	reader, err := schema.NewReader()
	if err != nil {
		return nil, err
	}
	if _, err := reader.FleetConfigOf(i.Fleet.Tree); err != nil {
		if !finding.IsInput(err) {
			return nil, err
		}
		return []Symptom{{Check: "fleet", Message: err.Error(), Remedy: "spokewright check tells of everything in the specs; mend these first"}}, nil
	}
	return nil, nil
}

// lookAtGolden finds rendered files that cannot be: built without the function, or with other line ends.
func lookAtGolden(i *Installation) ([]Symptom, error) {
	names, err := schema.List(i.Fleet.Tree)
	if err != nil {
		return nil, err
	}
	var symptoms []Symptom
	for _, target := range render.Targets(names) {
		file := path.Join(render.Golden, target.Environment, string(target.Plane)+".yaml")
		text, err := fs.ReadFile(i.Fleet.Tree, file)
		if errors.Is(err, fs.ErrNotExist) {
			continue // check tells
		}
		if err != nil {
			return nil, err
		}
		if bytes.Contains(append([]byte("\n"), text...), []byte("\nkind: "+guard.Sentinel+"\n")) {
			symptoms = append(symptoms, Symptom{Check: "enable-exec", Cause: "not rendered",
				Message: file + " holds the tripwire " + guard.Sentinel + ": it was built by kustomize without --enable-exec, which skips every function and exits 0",
				Remedy:  "spokewright render, or kustomize build --enable-alpha-plugins --enable-exec; kubectl kustomize needs spokewright plugin install"})
		}
		if bytes.Contains(text, []byte("\r\n")) {
			symptoms = append(symptoms, Symptom{Check: "git", Cause: "line ends", Message: file + " has lines that end in CRLF: Git or an editor changed it",
				Remedy: "write \"golden/** text eol=lf\" into .gitattributes, then spokewright render"})
		}
	}
	return symptoms, nil
}

// lookAtGit finds settings by which Git changes the bytes of rendered files and specs.
func lookAtGit(i *Installation) ([]Symptom, error) {
	git, err := i.Find("git")
	if err != nil {
		return []Symptom{{Check: "git", Warning: true, Message: "git is not on PATH: its settings were not looked at", Remedy: "install git"}}, nil
	}
	if _, err := i.Ask(git, "-C", i.Fleet.Root, "rev-parse", "--git-dir"); err != nil {
		return []Symptom{{Check: "git", Warning: true, Message: "the fleet is in no Git repository", Remedy: "git init"}}, nil
	}
	const remedy = "write these lines into .gitattributes: \"golden/** text eol=lf\" and \"environments/** text eol=lf\""
	// Not set is an error too, and fine.
	autocrlf, _ := i.Ask(git, "-C", i.Fleet.Root, "config", "core.autocrlf")
	var symptoms []Symptom
	for _, file := range []string{render.Golden + "/any/hub.yaml", schema.FleetFile} {
		answer, err := i.Ask(git, "-C", i.Fleet.Root, "check-attr", "eol", "--", file)
		if err != nil {
			return nil, fmt.Errorf("git check-attr: %w", err)
		}
		folder, _, _ := strings.Cut(file, "/")
		switch {
		case strings.HasSuffix(answer, ": lf"):
		case strings.HasSuffix(answer, ": crlf"):
			symptoms = append(symptoms, Symptom{Check: "git", Message: folder + "/ has eol=crlf in .gitattributes: no file there has the bytes that were rendered", Remedy: remedy})
		case autocrlf == "true":
			symptoms = append(symptoms, Symptom{Check: "git", Message: "core.autocrlf is true, and .gitattributes has no eol=lf for " + folder + "/: a checkout writes CRLF", Remedy: remedy + "; or git config core.autocrlf false"})
		default:
			symptoms = append(symptoms, Symptom{Check: "git", Warning: true, Message: ".gitattributes has no eol=lf for " + folder + "/: a checkout where core.autocrlf is true writes CRLF", Remedy: remedy})
		}
	}
	more, err := lookAtMerge(i, git)
	return append(symptoms, more...), err
}

// lookAtMerge finds out whether Git merges rendered files by what they hold, here and in other clones.
func lookAtMerge(i *Installation, git string) ([]Symptom, error) {
	const remedy = "spokewright merge-golden --install"
	answer, err := i.Ask(git, "-C", i.Fleet.Root, "check-attr", "merge", "--", render.Golden+"/any/hub.yaml")
	if err != nil {
		return nil, fmt.Errorf("git check-attr: %w", err)
	}
	if !strings.HasSuffix(answer, ": "+merge.Driver) {
		return []Symptom{{Check: "git", Warning: true, Message: ".gitattributes has no merge=" + merge.Driver + " for " + render.Golden + "/: two branches that each add an environment are in conflict", Remedy: remedy}}, nil
	}
	// Not set is an error too.
	if driver, _ := i.Ask(git, "-C", i.Fleet.Root, "config", "merge."+merge.Driver+".driver"); driver != merge.Command {
		return []Symptom{{Check: "git", Warning: true, Message: "this clone does not know the merge of rendered files that .gitattributes names: two branches that each add an environment are in conflict", Remedy: remedy}}, nil
	}
	return nil, nil
}

// lookAtEditor finds out whether an editor knows the specs.
func lookAtEditor(i *Installation) ([]Symptom, error) {
	stale, err := editor.Stale(i.Fleet.Tree)
	if err != nil || len(stale) == 0 {
		return nil, err
	}
	return []Symptom{{Check: "editor", Warning: true,
		Message: "editors and cue vet do not know the specs of this version: missing or out of date are " + strings.Join(stale, ", "),
		Remedy:  "spokewright schema"}}, nil
}
