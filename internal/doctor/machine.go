package doctor

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"spokewright.dev/spokewright/internal/krm"
)

// The kustomize that overlays are tested with: another minor version may order and write objects otherwise.
const kustomizeSeries = "v5.8."

// lookAtBinary finds out whether kustomize would start this program, and no other.
func lookAtBinary(i *Installation) ([]Symptom, error) {
	found, err := i.Find("spokewright")
	if err != nil {
		return []Symptom{{Check: "binary", Message: "spokewright is not on PATH: kustomize and pre-commit do not find it",
			Remedy: fmt.Sprintf("put the folder %s on PATH, or copy the binary to a folder that is", filepath.Dir(i.Binary))}}, nil
	}
	same, err := sameProgram(found, i.Binary)
	if err != nil || same {
		return nil, err
	}
	answer, err := i.Ask(found, "version")
	other, _, _ := strings.Cut(answer, "\n")
	if err != nil || !strings.HasPrefix(other, "spokewright ") {
		other = "a program that does not tell its version"
	}
	return []Symptom{{Check: "binary",
		Message: fmt.Sprintf("%s on PATH is another program (%s) than this one, %s (spokewright %s): what they render may differ", found, other, i.Binary, i.Version),
		Remedy:  "remove one of them, or put the folder of the right one first on PATH"}}, nil
}

// sameProgram says whether two files are one, or hold the same bytes.
func sameProgram(a, b string) (bool, error) {
	one, err := os.Stat(a)
	if err != nil {
		return false, err
	}
	other, err := os.Stat(b)
	if err != nil {
		return false, err
	}
	if os.SameFile(one, other) {
		return true, nil
	}
	if one.Size() != other.Size() {
		return false, nil
	}
	first, err := os.ReadFile(a)
	if err != nil {
		return false, err
	}
	second, err := os.ReadFile(b)
	return bytes.Equal(first, second), err
}

func lookAtKustomize(i *Installation) ([]Symptom, error) {
	const remedy = "go install sigs.k8s.io/kustomize/kustomize/v5@v5.8.2; spokewright render needs no kustomize"
	found, err := i.Find("kustomize")
	if err != nil {
		return []Symptom{{Check: "kustomize", Warning: true, Message: "kustomize is not on PATH: nobody can build an overlay with it here", Remedy: remedy}}, nil
	}
	answer, err := i.Ask(found, "version")
	has := regexp.MustCompile(`v\d+\.\d+\.\d+`).FindString(answer)
	switch {
	case err != nil || has == "":
		return []Symptom{{Check: "kustomize", Message: fmt.Sprintf("%s does not tell its version (found %q)", found, answer), Remedy: remedy}}, nil
	case !strings.HasPrefix(has, kustomizeSeries):
		return []Symptom{{Check: "kustomize", Message: fmt.Sprintf("%s is version %s, tested is %sx: its bytes may differ from golden/", found, has, kustomizeSeries), Remedy: remedy}}, nil
	}
	return nil, nil
}

// lookAtKubectl tells people with kubectl what its kustomize cannot do.
func lookAtKubectl(i *Installation) ([]Symptom, error) {
	found, err := i.Find("kubectl")
	if err != nil || links(krm.UsedPluginHome(krm.PluginHomes(i.Getenv))) > 0 {
		return nil, nil //nolint:nilerr // nobody has to have kubectl
	}
	return []Symptom{{Check: "kubectl", Warning: true,
		Message: fmt.Sprintf("%s kustomize knows no --enable-exec: it skips functions, says nothing, and gives the tripwire NotRendered alone", found),
		Remedy:  "use kustomize build --enable-alpha-plugins --enable-exec, or spokewright plugin install and functionConfigs without the function annotation"}}, nil
}

// links counts the kinds that are linked into a plugin folder.
func links(home string) int {
	n := 0
	for _, kind := range krm.Kinds() {
		if _, err := os.Lstat(krm.PluginLink(home, kind)); err == nil {
			n++
		}
	}
	return n
}

// lookAtPlugins finds links of an older installation, and links where kustomize does not look. None at all is fine:
// overlays can name the function themselves.
func lookAtPlugins(i *Installation) ([]Symptom, error) {
	homes := krm.PluginHomes(i.Getenv)
	used := krm.UsedPluginHome(homes)
	var symptoms []Symptom
	for _, home := range homes {
		if home != used && links(home) > 0 {
			symptoms = append(symptoms, Symptom{Check: "plugin",
				Message: fmt.Sprintf("kinds are linked below %s, and kustomize looks below %s alone, the first of its plugin folders that exists", home, used),
				Remedy:  fmt.Sprintf("spokewright plugin install, and remove %s", filepath.Join(home, krm.Group))})
		}
	}
	if links(used) == 0 {
		return symptoms, nil
	}
	for _, kind := range krm.Kinds() {
		cause, wrong, err := lookAtLink(i, krm.PluginLink(used, kind), kind)
		if err != nil {
			return nil, err
		}
		if wrong != "" {
			symptoms = append(symptoms, Symptom{Check: "plugin", Cause: cause, Message: wrong, Remedy: "spokewright plugin install"})
		}
	}
	return symptoms, nil
}

// lookAtLink says what is wrong with the link of a kind, and of which sort that is; nothing where it leads to this program.
func lookAtLink(i *Installation, link, kind string) (cause, wrong string, err error) {
	if _, err := os.Lstat(link); errors.Is(err, fs.ErrNotExist) {
		return "missing", fmt.Sprintf("%s is missing, while other kinds are linked: kustomize fails on kind %s", link, kind), nil
	}
	target, err := filepath.EvalSymlinks(link)
	if err != nil {
		return "leads nowhere", fmt.Sprintf("%s leads nowhere: kustomize fails on kind %s", link, kind), nil //nolint:nilerr // the finding says it
	}
	same, err := sameProgram(target, i.Binary)
	if err != nil || same {
		return "", "", err
	}
	return "another program", fmt.Sprintf("%s leads to %s, which is another program than this one, %s", link, target, i.Binary), nil
}
